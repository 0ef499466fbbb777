/**
 * The README's pictures, of the example trained to the end in the VS Code of the end-to-end tests.
 *
 *   npx tsx scripts/readme-screenshots.ts
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Server } from '../test/e2e/lib/server';
import { openBrowser, Workbench } from '../test/e2e/lib/workbench';
import { createWorkspace } from '../test/e2e/lib/workspace';
import { prepareEndToEnd } from './lib/e2e-environment.mjs';

const folder = resolve(import.meta.dirname, '../media/screenshots');
await mkdir(folder, { recursive: true });
await prepareEndToEnd();
// As the example comes: its own epochs, with the pictures that it draws by default.
const workspace = await createWorkspace({ train: 9000, test: 2000, epochs: 6, pruneEpochs: 10 });
const server = await Server.start();
const browser = await openBrowser();
const workbench = await Workbench.open(browser, server, workspace.folder);
const { page, webview } = workbench;

async function picture(name: string, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.mouse.move(0, 0);
  // Charts are drawn again for the new width in the frame after it.
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  console.log(`${name}.png`);
}

const WIDE = { width: 1440, height: 1010 };
const SMALL = { width: 1200, height: 760 };

await workbench.openFile('meter.east.json');
await workbench.codeLens('Run').waitFor();
const text = await readFile(workspace.config, 'utf8');
await workbench.typeOver(text, '32KiB', '4KiB');
await workbench.showProblems();
await workbench.problem(/too small/).waitFor();
await page.setViewportSize(SMALL);
await workbench.goToText(text.replace('32KiB', '4KiB'), '4KiB');
await workbench.showQuickFixes();
await picture('over-budget', SMALL);
await page.keyboard.press('Escape');
await workbench.command('File: Revert File');
await workbench.closePanel();
await page.setViewportSize(WIDE);

await workbench.command('EAST: Open Dashboard');
await webview.locator('.empty h2').waitFor();
await workbench.command('EAST: Run Training');
await workspace.untilRun('finished', 1, 600);
await webview.locator('.status').filter({ hasText: 'Finished' }).waitFor();
await workbench.command('View: Toggle Primary Side Bar Visibility');
await webview.getByRole('tab', { name: 'Curves' }).click();
await workbench.clearNotifications();
await picture('dashboard', WIDE);
await webview.getByRole('tab', { name: 'Weight map' }).click();
await webview.locator('.layers tbody button', { hasText: 'dense1' }).first().click();
await picture('weight-map', WIDE);
// The one that the entropy coder has most of.
await webview.locator('.layers tbody button', { hasText: 'conv3' }).first().click();
await webview.locator('.code-lengths').waitFor();
await picture('code-lengths', WIDE);

await browser.close();
await server.stop();
await workspace.dispose();
process.exit(0);
