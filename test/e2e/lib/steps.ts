// What the ways through the editor have in common, whatever they begin with: a config nothing is wrong with, a run whose
// results the dashboard shows, sources that are verified.
import { expect } from 'vitest';
import { limit } from './wait';
import type { Workbench } from './workbench';
import type { RunOnDisk, Workspace } from './workspace';

/** Of the config that is open; the panel is closed again. */
export async function expectNoProblems(workbench: Workbench): Promise<void> {
  await workbench.codeLens('Run').waitFor();
  const problems = await workbench.problems();
  expect(problems.filter((problem) => /error|too small|cannot/i.test(problem))).toEqual([]);
  await workbench.closePanel();
}

/** Trains the config that is open to the end; the dashboard shows the run then. */
export async function trainAndShow(
  { workbench, workspace }: { readonly workbench: Workbench; readonly workspace: Workspace },
  name: string,
  picture: string,
): Promise<RunOnDisk> {
  await workbench.command('EAST: Run Training');
  const run = await workspace.untilRun('finished');
  await workbench.notification(new RegExp(`${name}: training has finished`)).waitFor();
  await workbench.shot(`${picture}-finished`);
  await workbench.clearNotifications();
  await workbench.command('EAST: Open Dashboard');
  await workbench.webview.locator('.status').filter({ hasText: 'Finished' }).waitFor();
  await workbench.webview.locator('.layers tbody tr').first().waitFor();
  await workbench.shot(`${picture}-dashboard`);
  return run;
}

/** Writes the sources of the config's last run and verifies them. */
export async function generateAndVerify(
  workbench: Workbench,
  name: string,
  picture: string,
): Promise<void> {
  await workbench.openFile(`${name}.east.json`);
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench
    .notification(new RegExp(`${name}: \\d+ files.* in firmware/east`))
    .waitFor({ timeout: limit(60) });
  await workbench.clearNotifications();
  await workbench.command('EAST: Verify Firmware');
  await workbench
    .notification(/verified. Every output byte is as trained/)
    .waitFor({ timeout: limit(120) });
  await workbench.shot(`${picture}-verified`);
  await workbench.clearNotifications();
}
