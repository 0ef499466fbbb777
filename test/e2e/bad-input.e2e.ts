// What goes wrong in real life: one clear message each, and nothing is lost.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useSession } from './lib/session';
import { limit, waitFor } from './lib/wait';
import type { RunOnDisk, Workspace } from './lib/workspace';

const FIRMWARE = 'board/east';
const asRoot = process.getuid?.() === 0;

const session = useSession({
  workspace: { train: 900, epochs: 1, pruneEpochs: 2 },
  prepare: async (workspace) => {
    await workspace.edit((text) => text.replace('firmware/east', FIRMWARE));
    await mkdir(workspace.file('board'));
  },
});

let good = '';

// Whatever the test before has left.
beforeEach(async () => {
  const { config } = session().workspace;
  const text = await readFile(config, 'utf8').catch(() => '');
  if (good === '') good = text;
  else if (text !== good) await writeFile(config, good);
});

/** A small disk of its own in the workspace; a user other than root cannot have one. */
function mountSmallDisk(workspace: Workspace, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', workspace.file('board')]);
}

function unmount(workspace: Workspace): void {
  try {
    execFileSync('umount', ['-l', workspace.file('board')], { stdio: 'ignore' });
  } catch {
    // Not mounted.
  }
}

function finished(runs: readonly RunOnDisk[]): number {
  return runs.filter(({ events }) => events.some(({ type }) => type === 'finished')).length;
}

afterEach(() => unmount(session().workspace));

describe('a config', () => {
  it('with broken JSON is marked where it is broken, and is not trained', async () => {
    const { workbench, workspace } = session();
    await workspace.edit((text) => text.replace('"name": "meter",', '"name": "meter"'));
    await workbench.openFile('meter.east.json');
    await workbench.showProblems();
    await workbench.problem(/comma/i).waitFor();
    await workbench.command('EAST: Run Training');
    await workbench.notification(/meter\.east\.json: expected ","/).waitFor();
    await workbench.shot('broken-json');
    expect(await workspace.runs()).toEqual([]);
    await workbench.clearNotifications();
    await workspace.edit(() => good);
    await workbench.problem(/comma/i).waitFor({ state: 'detached' });
  });

  it('with a key of another version names the key', async () => {
    const { workbench, workspace } = session();
    await workspace.edit((text) => text.replace('"name":', '"version": 2, "name":'));
    await workbench.problem(/version: unknown key/).waitFor();
    await workbench.command('EAST: Run Training');
    await workbench.notification(/meter\.east\.json: .*version/).waitFor();
    await workbench.clearNotifications();
    await workspace.edit(() => good);
    await workbench.problem(/version: unknown key/).waitFor({ state: 'detached' });
  });

  it('whose data is missing names the file, in the editor and when it is trained', async () => {
    const { workbench, workspace } = session();
    await workspace.edit((text) => text.replace('data/train-images', 'data/lost-images'));
    await workbench.problem(/lost-images/).waitFor();
    await workbench.command('EAST: Run Training');
    await workbench.notification(/lost-images/).waitFor();
    await workbench.shot('missing-data');
    await workbench.clearNotifications();
    await workspace.edit(() => good);
    await workbench.problem(/lost-images/).waitFor({ state: 'detached' });
    await workbench.closePanel();
  });

  it('that is deleted while it trains loses nothing', async () => {
    const { workbench, workspace } = session();
    const before = (await workspace.runs()).length;
    await workbench.command('EAST: Run Training');
    await workspace.untilRun('step', before + 1);
    await rm(workspace.config);
    await workspace.untilRun('finished', before + 1);
    await writeFile(workspace.config, good);
    await workbench.showView('EAST');
    await workbench.treeItem(/meter.*%/).waitFor();
    await workbench.clearNotifications();
  });
});

describe('two windows on one workspace', () => {
  it('show the same run, and the second one queues its own', async () => {
    const { workbench, workspace } = session();
    const second = await session().window();
    const before = (await workspace.runs()).length;
    const finishedBefore = finished(await workspace.runs());
    // The run that the second window finds cannot end before it is stopped, on whatever machine.
    await workspace.edit((text) => text.replace('"pruneEpochs": 2', '"pruneEpochs": 9000'));
    await workbench.openFile('meter.east.json');
    await workbench.command('EAST: Run Training');
    const { id } = await workspace.untilRun('step', before + 1);
    await writeFile(workspace.config, good);
    await second.statusBar.getByText(/EAST meter \d/).waitFor({ timeout: limit(20) });
    await second.command('EAST: Run Training');
    await second.statusBar.getByText(/\+1 queued/).waitFor({ timeout: limit(20) });
    await second.shot('two-windows');
    // What waits is of the same config: it is the one that trains which stops.
    await workbench.command('EAST: Stop Training');
    await waitFor('the first run to stop and the second to finish', 120, async () => {
      const runs = await workspace.runs();
      const first = runs.find((run) => run.id === id);
      const stopped = first?.events.at(-1)?.type === 'stopped';
      return stopped && finished(runs) === finishedBefore + 1 ? true : undefined;
    });
    await second.page.close();
    await workbench.clearNotifications();
  });
});

describe('a firmware folder', () => {
  it('that cannot be written to is named, and what was there stays', async () => {
    const { workbench, workspace } = session();
    await workbench.openFile('meter.east.json');
    const board = workspace.file('board');
    if (asRoot) {
      mountSmallDisk(workspace, '1m');
      execFileSync('mount', ['-o', 'remount,ro', board]);
    } else await chmod(board, 0o555);
    await workbench.command('EAST: Regenerate Firmware Sources');
    await workbench.notification(/cannot be written: .*(read-only|permission)/).waitFor();
    await workbench.shot('read-only-folder');
    expect(await readdir(board)).toEqual([]);
    await workbench.clearNotifications();
    if (asRoot) unmount(workspace);
    else await chmod(board, 0o755);
  });

  it.runIf(asRoot)('on a full disk keeps the sources that were there', async () => {
    const { workbench, workspace } = session();
    await workbench.command('EAST: Regenerate Firmware Sources');
    await workbench.notification(/meter: \d+ files/).waitFor({ timeout: limit(60) });
    await workbench.clearNotifications();
    const names = (await readdir(workspace.file(FIRMWARE))).sort();
    const files = new Map<string, Buffer>();
    for (const name of names) files.set(name, await readFile(workspace.file(FIRMWARE, name)));
    const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    // Room for what is there (in whole pages) and hardly more.
    mountSmallDisk(workspace, `${Math.ceil((bytes + 4096 * files.size) / 1024)}k`);
    await mkdir(workspace.file(FIRMWARE));
    for (const [name, content] of files) await writeFile(workspace.file(FIRMWARE, name), content);
    await rm(workspace.file(FIRMWARE, names.find((name) => name.endsWith('.c')) ?? ''));
    const kept = (await readdir(workspace.file(FIRMWARE))).sort();
    await workbench.command('EAST: Regenerate Firmware Sources');
    await workbench.notification(/the disk is full/).waitFor({ timeout: limit(60) });
    await workbench.shot('full-disk');
    expect((await readdir(workspace.file(FIRMWARE))).sort()).toEqual(kept);
    for (const name of kept) {
      expect(await readFile(workspace.file(FIRMWARE, name))).toEqual(files.get(name));
    }
    await workbench.clearNotifications();
    unmount(workspace);
  });
});
