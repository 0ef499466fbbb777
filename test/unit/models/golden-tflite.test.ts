/**
 * Small networks that Keras made (bench/golden/): int8 files give what TFLite's reference kernels give, to the byte, float ones
 * the same numbers within 1e-4. golden.json has the inputs as int8 codes; a float network is given code / 32.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/models/model';
import { inspectTflite, loadTflite } from '../../../src/core/models/tflite/tflite';
import { graphOp } from '../../../src/core/ops/graph-ops';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { floatNetwork } from '../../../src/core/train/imported/float-network';
import { observe, outputsOf } from '../../../src/core/train/imported/observe';
import { UserError } from '../../../src/core/util/errors';
import golden from '../../fixtures/models/tflite/golden.json';

const FOLDER = join(import.meta.dirname, '../../fixtures/models/tflite');
interface Vectors {
  readonly inputs: readonly string[];
  readonly outputs: readonly (readonly string[])[];
}
const VECTORS = new Map<string, Vectors>(Object.entries(golden));
/** TFLite rounds activations of such files to int8 as they come; here they stay float, so only the weights are the same. */
const DYNAMIC_TOLERANCE = 0.03;

/** The network, or what operator of its is not supported. */
function load(name: string): LoadedModel | string {
  try {
    return loadTflite(readFileSync(join(FOLDER, `${name}.tflite`)));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
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

/** What the float network gives for the codes: probabilities where it ends in a softmax. */
async function floatOutputs(engine: Engine, model: LoadedModel, codes: string): Promise<number[]> {
  const { graph } = model;
  const data = Float32Array.from(Int8Array.from(Buffer.from(codes, 'base64')), (c) => c / 32);
  const samples = { data, targets: new Float32Array(1), shape: graph.inputShape, count: 1 };
  const plain = { kind: 'float', mean: [0], std: [1] } as const;
  if (graph.outputs !== undefined) {
    const seen = new Map<string, Float32Array>();
    const tensor = (name: string, values: Float32Array): void =>
      void seen.set(name, values.slice());
    await observe(engine, floatNetwork(model), samples, plain, { tensor });
    return graph.outputs.flatMap((name) => [...seen.get(name)!]);
  }
  const outputs = await outputsOf(engine, floatNetwork(model), samples, plain);
  const last = graph.layers.at(-1)!;
  const probabilities = graphOp(last.kind).last && graphOp(last.kind).puts === 'probability';
  return probabilities ? softmax([...outputs]) : [...outputs];
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

describe('networks that Keras made, as TFLite files', () => {
  for (const [name, { inputs, outputs }] of VECTORS) {
    it(`${name} gives what TFLite gives`, async () => {
      const model = load(name);
      if (typeof model === 'string') {
        expect(model).toMatch(/\) is not supported/);
        return;
      }
      if (name.endsWith('-int8')) {
        const quantized = { graph: model.graph, ...model.quantization! };
        for (const executor of [createExecutor(quantized), createFastExecutor(quantized)]) {
          inputs.forEach((codes, k) => {
            const output = executor.run(Int8Array.from(Buffer.from(codes, 'base64')));
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
        const found = await floatOutputs(engine, model, codes);
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
