/**
 * Networks exported from PyTorch and Keras give what ONNX Runtime gives. Files and values are made by
 * bench/golden/onnx_models.py.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadModelFile } from '../../../src/core/models/model-files';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import type { Tf } from '../../../src/core/train/kernels/tf';
import { floatOutputs } from './float-outputs';

const FOLDER = join(import.meta.dirname, '../../fixtures/models/onnx');

interface Golden {
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly cases: readonly { readonly input: string; readonly outputs: readonly string[] }[];
}

/** Which of the axes of the file's tensors are height, width and channels of ours, slowest first. */
function channelsLast(values: Float32Array, shape: readonly number[]): Float32Array {
  const [, channels, ...spatial] = shape;
  const size = spatial.reduce((product, n) => product * n, 1);
  return values.map((_, i) => values[(i % channels!) * size + Math.floor(i / channels!)]!);
}

function floatsOf(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer);
}

/** Whether the file has channels first: those of TensorFlow, and sequences as rows, have not. */
function isChannelsFirst(shape: readonly number[], file: string, ours: readonly number[]): boolean {
  if (/^(tf2onnx|keras)/.test(file) || shape.length < 3) return false;
  return shape.length === 4 || (shape[1] === ours[2] && shape[2] === ours[1]);
}

describe('a network read from an ONNX file', () => {
  let tf: Tf;
  beforeAll(async () => {
    ({ tf } = await openEngine('wasm'));
  });

  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.onnx'));
  it.each(files)('%s gives what ONNX Runtime gives', async (file) => {
    const golden = JSON.parse(
      readFileSync(join(FOLDER, file.replace('.onnx', '.json')), 'utf8'),
    ) as Golden;
    const model = await loadModelFile(join(FOLDER, file));
    const { inputShape, layers, outputs = [layers.at(-1)!.name] } = model.graph;
    expect(outputs).toHaveLength(golden.outputs.length);
    for (const example of golden.cases) {
      const codes = Int8Array.from(Buffer.from(example.input, 'base64'));
      const raw = Float32Array.from(codes, (code) => code / 64);
      const first = isChannelsFirst(golden.input.shape, file, inputShape);
      const found = floatOutputs(tf, model, first ? channelsLast(raw, golden.input.shape) : raw);
      found.forEach((values, i) => {
        const { shape } = golden.outputs[i]!;
        const file32 = floatsOf(example.outputs[i]!);
        const ours = layers.find(({ name }) => name === outputs[i])!.outputShape;
        const expected = isChannelsFirst(shape, file, ours) ? channelsLast(file32, shape) : file32;
        expect(values).toHaveLength(expected.length);
        const wrong = Math.max(...values.map((value, at) => Math.abs(value - expected[at]!)));
        // ONNX Runtime computes what is quantised in the file with those codes.
        expect(wrong).toBeLessThan(file.startsWith('qdq') ? 0.05 : 1e-4);
      });
    }
  });
});
