/** A log that a power cut, another program or another version has damaged: the run goes on, and nobody is told to delete it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { actions } from '../../src/core/run/all-actions';
import { RunStore } from '../../src/core/run/run-store';
import { east } from '../unit/cli/fixtures';
import { newToyRun, trainToyRun } from './toy-run';
import { makeToyWorkspace } from './toy-workspace';

const folder = makeToyWorkspace('east-log-', { epochs: 1, pruneEpochs: 1, shards: 1 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let unbroken: Uint8Array;
beforeAll(async () => {
  const run = newToyRun(folder);
  await trainToyRun(run);
  unbroken = readFileSync(run.file('model.east'));
});

const insert =
  (at: number, bad: string) =>
  (lines: string[]): string[] => [...lines.slice(0, at), bad, ...lines.slice(at)];

it.each<[string, (lines: string[]) => string[]]>([
  ['an empty line', insert(1, '')],
  ['zeros where lines were', (lines) => ['\0'.repeat(300), ...lines.slice(1)]],
  ['half a line', (lines) => [lines[0]!.slice(0, 20), ...lines.slice(1)]],
  ['a line of another version', insert(1, '{"type":"paused","time":"","step":3}')],
  ['nothing that can be read', () => ['\0'.repeat(4096)]],
])('with %s the run goes on to the same bytes', async (_, damage) => {
  const run = newToyRun(folder);
  await trainToyRun(run, { stopAtOnce: true });
  const log = run.file('events.jsonl');
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  expect(lines.length).toBeGreaterThan(1);
  writeFileSync(log, `${damage(lines).join('\n')}\n`);

  for (const command of [['status'], ['resume', '--nonsense'], ['report']]) {
    const { out, err } = await east(folder, command, actions);
    expect(out + err).not.toMatch(/delete|damaged/);
  }
  expect((await east(folder, ['status'], actions)).out).toContain(run.id);
  const again = new RunStore(folder).open(run.id);
  expect((await trainToyRun(again)).notes).toContainEqual(
    expect.stringMatching(/^warning: line \d+ of its event log cannot be read and is passed over$/),
  );
  expect(again.state()).toBe('finished');
  expect(readFileSync(run.file('model.east'))).toEqual(unbroken);
});
