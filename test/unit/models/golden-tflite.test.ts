/**
 * Small networks that Keras made (bench/golden/): int8 files give what TFLite's reference kernels give, to the byte, float ones
 * the same numbers within 1e-4. golden.json has the inputs as int8 codes; a float network is given code / 32.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/models/model';
import { inspectTflite, loadTflite } from '../../../src/core/models/tflite/tflite';
import { elements } from '../../../src/core/ops/shape';
import { graphOp } from '../../../src/core/ops/graph-ops';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { floatNetwork } from '../../../src/core/train/imported/float-network';
import { outputsOf } from '../../../src/core/train/imported/observe';
import { UserError } from '../../../src/core/util/errors';
import golden from '../../fixtures/models/tflite/golden.json';
import published from '../../fixtures/quant/tflite-shared.json';

const FOLDER = join(import.meta.dirname, '../../fixtures/models/tflite');
interface Vectors {
  readonly inputs: readonly string[];
  readonly outputs: readonly (readonly string[])[];
}
const VECTORS = new Map<string, Vectors>(Object.entries(golden));
/** Networks that the converter leaves in float in part: of them it is enough that this is said. */
const NOT_READ = ['gru-int8', 'gru-dynamic', 'lstm-dynamic'];
/** TFLite rounds activations of such files to int8 as they come; here they stay float, so only the weights are the same. */
const DYNAMIC_TOLERANCE = 0.03;

/** The network, or what operator of its is not supported. */
function read(bytes: Uint8Array): LoadedModel | string {
  try {
    return loadTflite(bytes);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

function codesOf(text: string): Int8Array {
  return Int8Array.from(Buffer.from(text, 'base64'));
}

function floatsOf(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function softmax(values: readonly number[]): number[] {
  const powers = values.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** What the float network gives: probabilities where it ends in a softmax. */
async function floatOutputs(model: LoadedModel, data: Float32Array): Promise<number[]> {
  const { graph, file } = model;
  const { mean = [0], std = [1] } = file?.normalization ?? {};
  const samples = { data, targets: new Float32Array(1), shape: graph.inputShape, count: 1 };
  const normalization = { kind: 'float', mean, std } as const;
  const outputs = await outputsOf(engine, floatNetwork(model), samples, normalization);
  const last = graph.layers.at(-1)!;
  const probabilities = graphOp(last.kind).last && graphOp(last.kind).puts === 'probability';
  return probabilities ? softmax([...outputs]) : [...outputs];
}

/** Codes of the generator that bench/golden/tflite_shared.py has, too. */
function generated(count: number, seed: number): Int8Array {
  let x = seed;
  return Int8Array.from({ length: count }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return ((x >> 16) & 255) - 128;
  });
}

/** All that the network puts out for the codes, one output after the other. */
function integerOutputs({ graph, quantization }: LoadedModel, codes: Int8Array): Int8Array {
  const executor = createFastExecutor({ graph, ...quantization! });
  const output = executor.run(codes);
  const parts = graph.outputs?.map((each) => Buffer.from(executor.tensor(each)));
  return parts ? Int8Array.from(Buffer.concat(parts)) : output;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

describe('networks that Keras made, as TFLite files', () => {
  for (const [name, { inputs, outputs }] of VECTORS) {
    it(`${name} gives what TFLite gives`, async () => {
      const model = read(readFileSync(join(FOLDER, `${name}.tflite`)));
      if (typeof model === 'string') {
        expect(NOT_READ).toContain(name);
        expect(model).toMatch(/\) is not supported|is int8 in part: Operator 4 \(SPLIT\)/);
        return;
      }
      if (name.endsWith('-int8')) {
        const quantized = { graph: model.graph, ...model.quantization! };
        for (const executor of [createExecutor(quantized), createFastExecutor(quantized)]) {
          inputs.forEach((codes, k) => {
            const output = executor.run(codesOf(codes));
            const found = model.graph.outputs
              ? Buffer.concat(model.graph.outputs.map((each) => Buffer.from(executor.tensor(each))))
              : output;
            const expected = Buffer.concat(outputs[k]!.map((text) => Buffer.from(text, 'base64')));
            expect(Buffer.from(found).equals(expected)).toBe(true);
          });
        }
        return;
      }
      expect(model.quantization).toBeUndefined();
      for (const [k, codes] of inputs.entries()) {
        const data = Float32Array.from(codesOf(codes), (code) => code / 32);
        const found = await floatOutputs(model, data);
        const expected = outputs[k]!.flatMap(floatsOf);
        expect(found).toHaveLength(expected.length);
        const largest = Math.max(1, ...expected.map(Math.abs));
        const tolerance = name.endsWith('-dynamic') ? DYNAMIC_TOLERANCE : 1e-4;
        found.forEach((v, i) =>
          expect(Math.abs(v - expected[i]!)).toBeLessThan(tolerance * largest),
        );
      }
    });
  }

  it('are all there, each with golden outputs', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.tflite'));
    expect(files.map((file) => file.replace('.tflite', '')).sort()).toEqual(
      [...VECTORS.keys()].sort(),
    );
  });

  it('tell what weights they have before anything is read of the network', () => {
    for (const name of VECTORS.keys()) {
      const facts = inspectTflite(readFileSync(join(FOLDER, `${name}.tflite`)));
      expect(name).toContain(facts.weightsType);
    }
  });
});

const SHARED = join(
  process.env['EAST_SHARED'] ?? join(import.meta.dirname, '../../../../shared'),
  'models',
);
describe('published TFLite files', () => {
  for (const [name, { sha256, step, outputs }] of Object.entries(published.models)) {
    const file = join(SHARED, name);
    if (!existsSync(file)) process.stderr.write(`SKIPPED: ${name} is not in ${SHARED}.\n`);
    const test = existsSync(file) ? it : it.skip;
    test(`${name} gives what TFLite gives`, async () => {
      const bytes = readFileSync(file);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      expect(inspectTflite(bytes).operators.length).toBeGreaterThan(0);
      const model = read(bytes);
      if (typeof model === 'string') {
        expect(NOT_READ).toContain(name);
        expect(model).toMatch(/\) is not supported|is int8 in part: Operator 4 \(SPLIT\)/);
        return;
      }
      const size = elements(model.graph.inputShape);
      for (const [k, text] of outputs.entries()) {
        const codes = generated(size, k + 1);
        if (model.quantization !== undefined) {
          const found = integerOutputs(model, codes).filter((_, i) => i % step === 0);
          expect(Buffer.from(found).toString('base64')).toBe(text);
          continue;
        }
        // Golden inputs are what the file's network is given: behind what its metadata say of examples.
        const { mean = [0], std = [1] } = inspectTflite(bytes).normalization ?? {};
        const at = (each: readonly number[], i: number): number => each[i % each.length]!;
        const data = Float32Array.from(codes, (code, i) => (code / 128) * at(std, i) + at(mean, i));
        const found = (await floatOutputs(model, data)).filter((_, i) => i % step === 0);
        const expected = floatsOf(text);
        expect(found).toHaveLength(expected.length);
        const largest = Math.max(1, ...expected.map(Math.abs));
        found.forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-4 * largest));
      }
    });
  }
});
