/** Data that is not what it was when a run was started: said at its resume, by `east check` and by `east report`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { actions } from '../../src/core/run/all-actions';
import type { RunFolder } from '../../src/core/run/run-folder';
import { east } from '../unit/cli/fixtures';
import { newToyRun, trainToyRun } from './toy-run';
import { makeToyWorkspace } from './toy-workspace';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function workspace(): { folder: string; run: RunFolder } {
  const folder = makeToyWorkspace('east-data-', { epochs: 1, pruneEpochs: 1, shards: 1 });
  folders.push(folder);
  return { folder, run: newToyRun(folder) };
}

/** What is said of changed data by a run that is stopped as soon as it has begun, or goes on to its end. */
async function train(run: RunFolder, stopAtOnce = false): Promise<string[]> {
  const { notes } = await trainToyRun(run, { stopAtOnce });
  return notes.filter((note) => note.includes('data has changed'));
}

function alter(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
}

it('is said by name at a resume, and afterwards', async () => {
  const { folder, run } = workspace();
  expect(await train(run, true)).toEqual([]);
  expect(run.checkpoints.steps()).not.toEqual([]);
  alter(join(folder, 'train.idx'));
  expect(await train(run)).toEqual([
    'warning: the data has changed since the run was started: train.idx has other content; a resumed run ends in other bytes',
  ]);
  expect((await east(folder, ['report'], actions)).err).toContain(
    'was resumed with other data than it was started with: train.idx has other content.',
  );
});

it('is said by check and report, which fail no more than before', async () => {
  const { folder, run } = workspace();
  expect(await train(run)).toEqual([]);
  expect((await east(folder, ['generate'], actions)).code).toBe(0);
  const before = [await east(folder, ['check'], actions), await east(folder, ['report'], actions)];
  for (const { code, out, err } of before) {
    expect(code).toBe(0);
    expect(out + err).not.toContain('data');
  }
  rmSync(join(folder, 'test-labels.idx'));
  alter(join(folder, 'train.idx'));
  const said = `The data has changed since run ${run.id} was started: test-labels.idx is gone, train.idx has other content.`;
  expect(await east(folder, ['check'], actions)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`? ${said}`),
  });
  expect(await east(folder, ['report'], actions)).toMatchObject({
    code: 0,
    err: expect.stringContaining(said),
  });
});

it('is nothing to be told of in a run of a version that kept no record, or where the record is damaged', async () => {
  const { folder, run } = workspace();
  await train(run, true);
  alter(join(folder, 'train.idx'));
  writeFileSync(run.file('data.json'), '{"version":1,"data":[{"path":7}]}');
  expect(await train(run)).toEqual([]);
  // What it goes on with is recorded from then on.
  expect(readFileSync(run.file('data.json'), 'utf8')).toContain('"path":"train.idx"');
  expect((await east(folder, ['report'], actions)).err).not.toContain('data');
});
