/**
 * Every int8 file of the tests, and published ones where they are, on hundreds of inputs: the bytes are those of TFLite's
 * reference kernels (bench/golden/tflite_many.py). Few inputs would not do: how often a kernel rounds shows only where a sum lies
 * beside the half between two codes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/models/model';
import { loadTflite } from '../../../src/core/models/tflite/tflite';
import { elements } from '../../../src/core/ops/shape';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { UserError } from '../../../src/core/util/errors';
import dense from '../../fixtures/quant/tflite-dense.json';
import many from '../../fixtures/models/many.json';
import transposed from '../../fixtures/models/transposed.json';
import windows from '../../fixtures/models/windows.json';
import { manyCodes } from './many-inputs';

const FIXTURES = join(import.meta.dirname, '../../fixtures/models');
const SHARED = join(
  process.env['EAST_SHARED'] ?? join(import.meta.dirname, '../../../../shared'),
  'models',
);

const WINDOWS = Object.entries({ ...windows, ...transposed });
/** Files within JSON, as base64, by their names in many.json. */
const INSIDE = new Map<string, string>([
  ...dense.cases.map(({ file }, k) => [`dense#${k}`, file] as const),
  ...WINDOWS.map(([name, { file }]) => [`windows#${name}`, file] as const),
]);

/** The file of a name in many.json; undefined where it is not there. */
function fileOf(name: string): Buffer | undefined {
  const inside = INSIDE.get(name);
  if (inside !== undefined) return Buffer.from(inside, 'base64');
  const [place = '', entry] = name.split('#');
  if (entry !== undefined) {
    const { cases } = v.parse(OPERATOR, JSON.parse(readFileSync(join(FIXTURES, place), 'utf8')));
    return Buffer.from(cases[Number(entry)]!.file, 'base64');
  }
  const path = place.startsWith('published/')
    ? join(SHARED, place.slice('published/'.length))
    : join(FIXTURES, place);
  return existsSync(path) ? readFileSync(path) : undefined;
}

const OPERATOR = v.object({ cases: v.array(v.object({ file: v.string() })) });

/** Networks with an operator that is not here yet. */
const NOT_ALL_READ = ['tflite/gru-int8.tflite', 'tflite/lstm-int8.tflite'];

/** undefined where an operator is not supported. */
function read(file: Buffer): LoadedModel | undefined {
  try {
    return loadTflite(file);
  } catch (error) {
    if (error instanceof UserError && error.message.includes(' is not supported')) return undefined;
    throw error;
  }
}

describe('int8 files on hundreds of inputs', () => {
  for (const [name, hashes] of Object.entries(many.hashes)) {
    const file = fileOf(name);
    if (file === undefined) process.stderr.write(`SKIPPED: ${name} is not there.\n`);
    const test = file === undefined ? it.skip : it;
    test(`${name} gives what TFLite gives`, () => {
      const model = read(file!);
      if (model === undefined) {
        expect(NOT_ALL_READ).toContain(name);
        return;
      }
      const { graph, quantization } = model;
      const executor = createFastExecutor({ graph, ...quantization! });
      const size = elements(graph.inputShape);
      hashes.forEach((expected, chunk) => {
        const hash = createHash('sha256');
        for (let k = 0; k < many.chunk; k++) {
          hash.update(executor.run(manyCodes(size, chunk * many.chunk + k + 1)));
        }
        expect(hash.digest('hex').slice(0, 16)).toBe(expected);
      });
    });
  }
});
