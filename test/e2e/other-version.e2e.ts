// After an update: the background process of the version before is still training in the workspace.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { launchWorker } from '../../src/extension/worker/launch-worker';
import { WorkerClient } from '../../src/extension/worker/worker-client';
import { root } from './lib/environment';
import { useSession } from './lib/session';
import { limit, waitFor } from './lib/wait';
import type { Workspace } from './lib/workspace';

const OLDER = '0.0.9';
let programs = '';

afterAll(() => rm(programs, { recursive: true, force: true }));

/** This version's program, under an older number. */
async function olderWorker(): Promise<string> {
  programs = await mkdtemp(path.join(os.tmpdir(), 'east-older-'));
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await cp(path.join(root, 'dist'), programs, {
    recursive: true,
    filter: (file) => !file.endsWith('.map'),
  });
  const program = path.join(programs, 'worker.mjs');
  const parts = (await readFile(program, 'utf8')).split(`version = "${version}"`);
  if (parts.length !== 2) throw new Error('The worker states its version in another way now.');
  await writeFile(program, parts.join(`version = "${OLDER}"`));
  return program;
}

async function trainWithOlder(workspace: Workspace): Promise<void> {
  const program = await olderWorker();
  // The editor has a home of its own, without the engines that may be installed in this one.
  await workspace.edit((text) =>
    text.replace('"name": "meter",', '"name": "meter",\n  "engine": "wasm",'),
  );
  const client = new WorkerClient({
    workspace: workspace.folder,
    version: OLDER,
    launch: () => launchWorker({ program, node: process.execPath, workspace: workspace.folder }),
    onNotification: () => undefined,
    onClose: () => undefined,
    onOtherVersion: () => undefined,
  });
  await client.request('run/start', { configFile: workspace.config, priority: 'normal' });
  client.dispose();
}

async function workerVersion(workspace: Workspace): Promise<unknown> {
  return JSON.parse(await readFile(workspace.file('.east/worker.json'), 'utf8')).version;
}

const session = useSession({
  // Long enough for all that happens to it.
  workspace: { train: 2400, epochs: 2, pruneEpochs: 1000 },
  prepare: trainWithOlder,
});

it('its run is shown, and a new one has to wait: the message says for what', async () => {
  const { workbench, workspace } = session();
  await workbench.statusBar.getByText(/EAST meter \d/).waitFor({ timeout: limit(60) });
  expect(await workerVersion(workspace)).toBe(OLDER);
  await workbench.openFile('meter.east.json');
  await workbench.command('EAST: Run Training');
  await workbench.notification(/EAST 0\.0\.9 is still training here/).waitFor();
  await workbench.shot('older-version');
  expect(await workspace.runs()).toHaveLength(1);
  await workbench.clearNotifications();
});

it('can be stopped, keeps its run, and is replaced by this version', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Stop Training');
  await workspace.untilRun('stopped');
  await workbench.clearNotifications();
  await workbench.command('EAST: Resume Training');
  await waitFor('the process of this version', 60, async () =>
    (await workerVersion(workspace).catch(() => OLDER)) === OLDER ? undefined : true,
  );
  await workspace.untilRun('resumed');
  expect(await workspace.runs()).toHaveLength(1);
  await workbench.command('EAST: Stop Training');
  await workbench.statusBar.getByText(/EAST meter/).waitFor({ state: 'detached' });
});
