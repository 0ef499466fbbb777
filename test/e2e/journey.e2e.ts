// The whole way of a firmware engineer in one window: budget, training, reload, crash, sources, verification.
import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSession } from './lib/session';
import { limit, waitFor } from './lib/wait';

const session = useSession({ workspace: { train: 1500, epochs: 2, pruneEpochs: 4 } });

it('says over the config what can be done', async () => {
  const { workbench } = session();
  await workbench.openFile('meter.east.json');
  await workbench.codeLens('Run').waitFor();
  await workbench.shot('config');
});

it('marks a budget that is too small, and a quick fix mends it', async () => {
  const { workbench, workspace } = session();
  const text = await readFile(workspace.config, 'utf8');
  await workbench.typeOver(text, '32KiB', '4KiB');
  await workbench.showProblems();
  const problem = workbench.problem(/too small/);
  await problem.waitFor();
  await workbench.shot('over-budget');
  await workbench.goToText(text.replace('32KiB', '4KiB'), '4KiB');
  await workbench.showQuickFixes();
  await workbench.shot('quick-fixes');
  await workbench.takeQuickFix(/budget.*KiB|KiB.*budget/i);
  await problem.waitFor({ state: 'detached' });
  await workbench.save();
  expect(await readFile(workspace.config, 'utf8')).not.toContain('"flash": "4KiB"');
  // The example's own budget again.
  await workspace.edit(() => text);
  await workbench.closePanel();
});

it('shows in the dashboard what is expected before the first run', async () => {
  const { workbench } = session();
  await workbench.command('EAST: Open Dashboard');
  await workbench.webview.locator('.empty h2', { hasText: /^Ready to train$/ }).waitFor();
  await workbench.shot('dashboard-empty');
});

it('trains to the end, live in dashboard, tree and status bar', async () => {
  const { workbench, workspace } = session();
  await workbench.webview.locator('vscode-button[data-action="run"]').click();
  const status = workbench.webview.locator('.status');
  await status.filter({ hasText: 'Training' }).waitFor({ timeout: limit(60) });
  await workspace.untilRun('prune');
  await workbench.statusBar.getByText(/EAST meter \d+\/6/).waitFor();
  await workbench.webview.locator('.layers tbody tr').first().waitFor();
  await workbench.shot('training');
  await workspace.untilRun('finished');
  await status.filter({ hasText: 'Finished' }).waitFor({ timeout: limit(20) });
  await workbench.notification(/meter: training has finished with \d/).waitFor();
  await workbench.shot('finished');
  expect(await workbench.webview.locator('.layers tbody tr').count()).toBe(5);
  await workbench.clearNotifications();
});

it('shows the results in the config, the weights and the curves', async () => {
  const { workbench } = session();
  await workbench.closePanel();
  for (const tab of ['Weight map', 'Curves']) {
    await workbench.webview.getByRole('tab', { name: tab }).click();
    await workbench.shot(`dashboard-${tab.toLowerCase().replace(' ', '-')}`);
  }
  await workbench.openFile('meter.east.json');
  await workbench.goTo(1);
  await workbench.codeLens(/%/).waitFor();
  await workbench.shot('config-with-results');
});

it('shows the dashboard as it was after the window is reloaded', async () => {
  const { workbench } = session();
  await workbench.command('EAST: Open Dashboard');
  await workbench.webview.getByRole('tab', { name: 'Weight map' }).click();
  await workbench.reload();
  const tab = workbench.webview.getByRole('tab', { name: 'Weight map', selected: true });
  await tab.waitFor({ timeout: limit(60) });
  await workbench.webview.locator('.status').filter({ hasText: 'Finished' }).waitFor();
  await workbench.openFile('meter.east.json');
});

it('finds a run again after the window is reloaded in the middle of it', async () => {
  const { workbench, workspace } = session();
  // Long enough for all that happens to it.
  await workspace.edit((text) => text.replace('"pruneEpochs": 4', '"pruneEpochs": 600'));
  await workbench.command('EAST: Run Training');
  await workspace.untilRun('step', 2);
  const worker = await workspace.workerPid();
  expect(worker).toBeDefined();
  await workbench.reload();
  await workbench.statusBar.getByText(/EAST meter \d+\/602/).waitFor({ timeout: limit(60) });
  expect(await workspace.workerPid()).toBe(worker);
  await workbench.showView('EAST');
  await workbench.treeItem(/meter.*\d+\/602/).waitFor();
  await workbench.shot('reloaded');
});

it('notices that the background process was killed, and resumes', async () => {
  const { workbench, workspace } = session();
  const before = await workspace.untilRun('checkpoint', 2);
  await workspace.killWorker();
  const killed = Date.now();
  const toast = workbench.notification(/ended unexpectedly/);
  await toast.waitFor();
  // Within two seconds on a machine with time to spare; how long it took is told, not tested.
  console.log(`noticed after ${Date.now() - killed} ms`);
  await workbench.shot('interrupted');
  await workbench.answer(/ended unexpectedly/, 'Resume');
  const run = await workspace.untilRun('resumed', 2);
  expect(run.id).toBe(before.id);
  await workbench.statusBar.getByText(/EAST meter \d+\/602/).waitFor();
});

it('stops when it is told to', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Stop Training');
  await workspace.untilRun('stopped', 2);
  await workbench.statusBar.getByText(/EAST meter/).waitFor({ state: 'detached' });
  await workbench.treeItem(/stopped/).waitFor();
});

it('trains another method for comparison', async () => {
  const { workbench, workspace } = session();
  await workspace.edit((text) =>
    text
      .replace('"pruneEpochs": 600', '"pruneEpochs": 4')
      .replace('"east": { "codec": "auto" }', '"east": { "method": "magnitude" }'),
  );
  await workbench.command('EAST: Run Training');
  await workspace.untilRun('finished', 3);
  await workbench.notification(/meter: training has finished/).waitFor();
  await workbench.clearNotifications();
});

it('compares runs', async () => {
  const { workbench } = session();
  await workbench.command('EAST: Compare Runs');
  await workbench.webview.getByRole('tab', { name: 'Compare' }).waitFor();
  await workbench.shot('compare');
});

it('writes the sources into the firmware folder', async () => {
  const { workbench, workspace } = session();
  await workbench.openFile('meter.east.json');
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench
    .notification(/meter: \d+ files.* in firmware\/east/)
    .waitFor({ timeout: limit(60) });
  const files = await readdir(workspace.file('firmware/east'));
  expect(files).toContain('manifest.json');
  await workbench.showView('Explorer');
  for (const folder of ['firmware', 'east']) await workbench.expand(new RegExp(`^${folder}$`));
  const source = files.find((name) => name.endsWith('.h')) ?? '';
  await workbench.treeItem(source).waitFor();
  await workbench.shot('sources');
  await workbench.answer(/meter: \d+ files/, 'Source Control');
  await workbench.treeItem(source).waitFor();
  await workbench.shot('source-control');
});

it('verifies them in the Test Explorer', async () => {
  const { workbench } = session();
  await workbench.openFile('meter.east.json');
  await workbench.command('EAST: Verify Firmware');
  await workbench
    .notification(/verified. Every output byte is as trained/)
    .waitFor({ timeout: limit(120) });
  await workbench.command('Testing: Focus on Test Explorer View');
  await workbench.expand(/meter/);
  await waitFor('three builds to have passed', 20, async () => {
    const labels = await workbench.treeLabels();
    return labels.filter((label) => /\(Passed\)|Passed/.test(label)).length >= 3 ? true : undefined;
  });
  await workbench.shot('verified');
});
