/** A terminal that records and actions that only pretend, for the tests of the commands. */
import { Writable } from 'node:stream';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../../src/cli/context';
import { execute } from '../../../src/cli/execute';
import type { Report } from '../../../src/core/report/report';
import type { RunActions } from '../../../src/core/run/actions';
import { accuracies } from '../tasks/accuracies';

export interface Recorded {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Actions of which only those given work. */
export function fakeActions(actions: Partial<RunActions>): RunActions {
  const unexpected = (): never => {
    throw new Error('this action is not expected');
  };
  return {
    plan: async () => undefined,
    run: unexpected,
    generate: unexpected,
    verify: unexpected,
    verifyCarried: unexpected,
    checkSources: unexpected,
    ...actions,
  };
}

export async function east(
  cwd: string,
  args: readonly string[],
  actions: Partial<RunActions> = {},
): Promise<Recorded> {
  const out: string[] = [];
  const err: string[] = [];
  const context: Context = {
    terminal: {
      stdout: recorder(out),
      stderr: recorder(err),
      isTTY: false,
      columns: 100,
      color: false,
    },
    cwd,
    actions: fakeActions(actions),
  };
  const code = await execute(args, context, '1.2.3');
  return { code, out: out.join(''), err: err.join('') };
}

export function recorder(chunks: string[]): NodeJS.WritableStream {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
}

/** A workspace (so that the search for one ends there) with one config. */
export function writeConfig(folder: string, name = 'meter', changes: object = {}): string {
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  const file = join(folder, `${name}.east.json`);
  const config = {
    name,
    model: { architecture: 'mlp', width: 8, input: [4, 4, 1], classes: 4 },
    dataset: {
      format: 'idx',
      train: 'train.idx',
      trainLabels: 'l.idx',
      test: 't.idx',
      testLabels: 'tl.idx',
    },
    budget: { flash: '16KiB', weights: '50%' },
    ...changes,
  };
  writeFileSync(file, `// a comment\n${JSON.stringify(config, null, 2)}\n`);
  return file;
}

export function sampleReport(changes: Partial<Report> = {}): Report {
  return {
    version: 3,
    name: 'meter',
    run: 'meter-20260101-000000-00',
    method: 'east',
    trainedWith: 'wasm',
    seed: 1,
    layers: [
      {
        name: 'fc1',
        kind: 'dense',
        shape: [8, 16],
        parameters: 128,
        sparsity: 0.5,
        blobBytes: 80,
        ratio: 1.6,
        share: 1,
        tiles: 1,
        rawTiles: 0,
      },
    ],
    parameters: 128,
    denseBytes: 128,
    sparsity: 0.5,
    ratio: 128 / 96,
    flash: { weights: 96, biases: 32, tables: 64, code: 2000, codeSource: 'table', total: 2192 },
    ram: { activations: 64, scratch: 0, decode: 128, total: 192, peakLayer: 'fc1' },
    measured: accuracies({ float: 0.99, quantized: 0.99, fitted: 0.98 }),
    testExamples: 100,
    budget: { flash: 16384 },
    withinBudget: true,
    ...changes,
  };
}
