/** Files that Keras 2 and 3 wrote, with what Keras answered (bench/golden/keras_models.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspectModelFile, loadModelFile } from '../../../../src/core/models/model-files';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import { floatOutputs } from './float-outputs';

const folder = path.resolve('test/fixtures/models/keras');

interface Golden {
  readonly inputShape: readonly number[];
  readonly outputs: readonly (readonly number[])[];
  readonly input: string;
  readonly output: string;
}
const golden: Record<string, Golden> = JSON.parse(
  readFileSync(path.join(folder, 'golden.json'), 'utf8'),
);

function floats(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}

function rows(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, n) => values.slice(n * length, (n + 1) * length));
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

describe('Keras computes the same as', () => {
  for (const [name, { inputShape, input, output }] of Object.entries(golden)) {
    it(`the network read from ${name}`, async () => {
      const model = await loadModelFile(path.join(folder, name));
      const size = inputShape.reduce((a, b) => a * b, 1);
      const values = floats(input);
      const count = values.length / size;
      const outputs = model.graph.outputs ?? [model.graph.layers.at(-1)!.name];
      const found = await floatOutputs(engine, model, outputs, rows(values, count));
      const wanted = rows(floats(output), count).map((row) => [...row]);
      expect(found.map((row) => row.length)).toEqual(wanted.map((row) => row.length));
      const worst = found.flatMap((row, n) => row.map((v, i) => Math.abs(v - wanted[n]![i]!)));
      expect(Math.max(...worst)).toBeLessThan(1e-4);
    });
  }
});

describe('facts', () => {
  it('tell of all layers of a file', async () => {
    expect(await inspectModelFile(path.join(folder, 'plain.keras'))).toMatchInlineSnapshot(`
      {
        "format": "Keras 3.15.1",
        "inputName": "image",
        "inputShape": [
          -1,
          12,
          10,
          3,
        ],
        "notes": [],
        "operators": [
          {
            "count": 2,
            "name": "Conv2D",
          },
          {
            "count": 1,
            "name": "BatchNormalization",
          },
          {
            "count": 1,
            "name": "Dense",
          },
          {
            "count": 1,
            "name": "Dropout",
          },
          {
            "count": 1,
            "name": "Flatten",
          },
          {
            "count": 1,
            "name": "MaxPooling2D",
          },
          {
            "count": 1,
            "name": "ReLU",
          },
          {
            "count": 1,
            "name": "Rescaling",
          },
          {
            "count": 1,
            "name": "SpatialDropout2D",
          },
        ],
        "outputNames": [
          "dense",
        ],
        "parameters": 733,
        "weightsType": "float32",
      }
    `);
  });
});
