/**
 * Disks that refuse: at any operation of `east run` and `east generate` the command ends with one line that says why and
 * with 1, or gets by without; what was there before is there, and the next command ends in the same bytes and leaves
 * nothing else behind. EAST_CAMPAIGN=long tries each operation with each error.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actions } from '../../src/core/run/all-actions';
import { RunStore } from '../../src/core/run/run-store';
import { createRandom } from '../../src/core/util/random';
import { east, type Recorded } from '../unit/cli/fixtures';
import { makeToyWorkspace } from './toy-workspace';
import { chosen, LONG, watchWrites, type WritePoint } from './write-points';

const CODES = ['ENOSPC', 'EIO', 'EACCES', 'EDQUOT', 'EMFILE', 'EROFS'] as const;
const random = createRandom(16);
const base = makeToyWorkspace('east-faults-', {
  epochs: 1,
  pruneEpochs: 1,
  shards: 1,
  checkpointSeconds: 1000,
});
const folders: string[] = [base];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'east-faults-'));
  folders.push(copy);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

interface Fault {
  /** Number of the operation, from 1. */
  readonly at: number;
  readonly code: string;
  /** Whether all later ones fail as well: disks that are full or read-only stay so. */
  readonly stays: boolean;
}

/** Of the operation that was the first to fail; undefined where there are fewer. */
async function withFault(
  folder: string,
  command: string,
  { at, code, stays }: Fault,
): Promise<{ result: Recorded; failed: WritePoint | undefined; points: WritePoint[] }> {
  const points: WritePoint[] = [];
  let failed: WritePoint | undefined;
  const end = watchWrites(folder, (point) => {
    points.push(point);
    if (points.length < at || (points.length > at && !stays)) return;
    failed ??= point;
    // Half of what was to be written may lie there.
    if (['ENOSPC', 'EDQUOT', 'EIO'].includes(code)) point.half?.();
    throw Object.assign(new Error(`${code}: injected, ${point.operation} '${point.path}'`), {
      code,
      syscall: point.operation,
    });
  });
  try {
    return { result: await east(folder, [command], actions), failed, points };
  } finally {
    end();
  }
}

const NOTHING: Fault = { at: Infinity, code: '', stays: false };

/** Of a command that failed: one line of message, and no stack. */
function expectOneMessage({ code, err }: Recorded, what: string): void {
  expect(code, `${what}\n${err}`).toBe(1);
  const lines = err.split('\n').filter((line) => line.startsWith('east: '));
  expect(lines, `${what}\n${err}`).toHaveLength(1);
  expect(err, what).not.toMatch(/\n {4}at |bug of EAST/);
}

function namesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

function leftovers(folder: string): string[] {
  return namesBelow(folder).filter((name) => /\.(tmp|new|stale)$|-(new|old)$/.test(name));
}

function modelOf(folder: string): Buffer {
  const finished = new RunStore(folder).list().filter((run) => run.state() === 'finished');
  expect(finished).toHaveLength(1);
  return readFileSync(finished[0]!.file('model.east'));
}

function sourcesOf(folder: string): Record<string, string> {
  const sources = join(folder, 'firmware/east');
  if (!existsSync(sources)) return {};
  return Object.fromEntries(
    readdirSync(sources).map((name) => [name, readFileSync(join(sources, name), 'utf8')]),
  );
}

let model: Buffer;
let runPoints: number;
let finishedRun: string;
beforeAll(async () => {
  finishedRun = copyOf(base);
  const { result, points } = await withFault(finishedRun, 'run', NOTHING);
  expect(result.code, result.err).toBe(0);
  runPoints = points.length;
  model = modelOf(finishedRun);
});

function faults(points: number, count: number): Fault[] {
  return chosen(points, count, random).flatMap((at) => {
    const all = CODES.map((code) => ({ at, code, stays: random.int(2) === 0 }));
    return LONG ? all : [all[random.int(CODES.length)]!];
  });
}

describe('east run', () => {
  it('survives an error at any operation', async () => {
    let refused = 0;
    for (const fault of faults(runPoints, 9)) {
      const folder = copyOf(base);
      const { result, failed } = await withFault(folder, 'run', fault);
      const what = JSON.stringify({ ...fault, ...failed });
      if (result.code !== 0) {
        refused++;
        expectOneMessage(result, what);
      } else expect(modelOf(folder), what).toEqual(model);

      const [run, ...others] = new RunStore(folder).list();
      expect(others, what).toEqual([]);
      // Once the disk is as it should be: on with what there is, or anew where nothing came to be.
      const hasEnded = run?.state() === 'finished' && run.resultsProblem() === undefined;
      const next = run === undefined ? ['run'] : hasEnded ? ['report'] : ['resume', run.id];
      const again = await east(folder, next, actions);
      expect(again.code, `${what}\n${result.err}\nthen ${next.join(' ')}:\n${again.err}`).toBe(0);
      expect(modelOf(folder), what).toEqual(model);
      expect((await east(folder, ['generate'], actions)).code, what).toBe(0);
      new RunStore(folder).prepare();
      expect(leftovers(folder), what).toEqual([]);
      rmSync(folder, { recursive: true });
    }
    expect(refused).toBeGreaterThan(2);
  });
});

describe('east generate', () => {
  it('leaves old or new sources at an error of any operation', async () => {
    const first = copyOf(finishedRun);
    expect((await east(first, ['generate'], actions)).code).toBe(0);
    const current = sourcesOf(first);
    // Sources of another network size, as far as the generated text goes: one more vector of the self-test.
    const outdated = copyOf(first);
    const readme = join(outdated, 'firmware/east/notes of mine.txt');
    writeFileSync(readme, 'mine');
    const manifest = join(outdated, 'firmware/east/manifest.json');
    for (const name of Object.keys(current)) {
      if (/weights\.c$/.test(name)) rmSync(join(outdated, 'firmware/east', name));
    }
    expect(existsSync(manifest)).toBe(true);
    const before = sourcesOf(outdated);
    const after = { ...current, 'notes of mine.txt': 'mine' };
    const counted = await withFault(copyOf(outdated), 'generate', NOTHING);
    expect(counted.result.code, counted.result.err).toBe(0);

    let refused = 0;
    for (const fault of faults(counted.points.length, 10)) {
      const folder = copyOf(outdated);
      const { result, failed } = await withFault(folder, 'generate', fault);
      const what = JSON.stringify({ ...fault, ...failed });
      if (result.code === 0) expect(sourcesOf(folder), what).toEqual(after);
      else {
        refused++;
        expectOneMessage(result, what);
        if (/The sources are written/.test(result.err)) {
          expect(sourcesOf(folder), what).toMatchObject(current);
        } else if (!/could not be moved back/.test(result.err)) {
          expect(sourcesOf(folder), what).toEqual(before);
        }
      }
      const again = await east(folder, ['generate'], actions);
      expect(again.code, `${what}\n${again.err}`).toBe(0);
      expect(sourcesOf(folder), what).toEqual(after);
      expect(leftovers(folder), what).toEqual([]);
      rmSync(folder, { recursive: true });
    }
    expect(refused).toBeGreaterThan(2);
  });
});
