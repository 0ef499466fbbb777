// Sources of a run whose config has changed since: nobody gets them without having been asked.
import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSession } from './lib/session';
import { limit } from './lib/wait';

const session = useSession({ workspace: { train: 900, test: 200, epochs: 1, pruneEpochs: 1 } });
const FIRMWARE = 'firmware/east';
const CHANGED = /The config has changed since meter/;

async function sources(): Promise<string[]> {
  return readdir(session().workspace.file(FIRMWARE)).catch(() => []);
}

it('a run of the config as it is now is written without a question', async () => {
  const { workbench, workspace } = session();
  await workbench.openFile('meter.east.json');
  await workbench.command('EAST: Run Training');
  await workspace.untilRun('finished');
  await workbench.notification(/meter: training has finished/).waitFor({ timeout: limit(60) });
  await workbench.clearNotifications();
  await workspace.edit((text) => text.replace('"name": "meter"', '"name":  "meter"'));
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench.notification(/meter: \d+ files/).waitFor({ timeout: limit(60) });
  await workbench.clearNotifications();
  expect(await sources()).toContain('manifest.json');
});

it('of a config that has changed, the question names what, and dismissing it writes nothing', async () => {
  const { workbench, workspace } = session();
  const manifest = workspace.file(FIRMWARE, 'manifest.json');
  const before = await readFile(manifest, 'utf8');
  await workspace.edit((text) => text.replace(/"flash": "[^"]*"/, '"flash": "40KiB"'));
  await workbench.command('EAST: Regenerate Firmware Sources');
  const question = workbench.dialog(CHANGED);
  await question.waitFor({ timeout: limit(60) });
  expect(await question.innerText()).toContain('budget.flash');
  expect(await question.innerText()).toContain('Write As It Was');
  await workbench.shot('changed-config');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  expect(await readFile(manifest, 'utf8')).toBe(before);
});

it('they are written as they were by who wants them', async () => {
  const { workbench, workspace } = session();
  const header = workspace.file(FIRMWARE, 'meter_model.h');
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench.dialog(CHANGED).getByRole('button', { name: 'Write As It Was' }).click();
  await workbench.notification(/meter: /).waitFor({ timeout: limit(60) });
  expect(await readFile(header, 'utf8')).toContain('meter');
  await workbench.clearNotifications();
});

it('or a run of the config as it is now is trained, whose sources are written without a question', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench.dialog(CHANGED).getByRole('button', { name: 'Run Training' }).click();
  const { events } = await workspace.untilRun('finished', 2);
  const [first] = await workspace.runs();
  // Another budget: the float network is there already.
  expect(events[0]).toMatchObject({ type: 'started', floatFrom: first?.id });
  await workbench.notification(/meter: training has finished/).waitFor({ timeout: limit(60) });
  await workbench.clearNotifications();
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench.notification(/meter: /).waitFor({ timeout: limit(60) });
  expect(await workbench.dialog(CHANGED).count()).toBe(0);
});
