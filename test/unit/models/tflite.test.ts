/** TFLite's own reference kernels against ours: the fixtures hold what TFLite computed. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { withoutRounding } from '../../../src/core/graph/graph';
import { readTflite } from '../../../src/core/models/tflite/tflite';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import mlperf from '../../fixtures/quant/tflite-mlperf-tiny.json';
import randomModels from '../../fixtures/quant/tflite-random-models.json';
import { randomInput, randomModel } from '../quant/random-model';

const models = path.join(process.env['EAST_SHARED'] ?? path.resolve('../shared'), 'models');

function hash(parts: readonly Int8Array[]): string {
  const sha = createHash('sha256');
  for (const part of parts) sha.update(part);
  return sha.digest('hex');
}

describe("TFLite's reference kernels", () => {
  it('agree on every random network, byte for byte', () => {
    for (const [key, expected] of Object.entries(randomModels.outputs)) {
      const seed = Number(key);
      const model = randomModel(seed, {
        hostile: seed > 100,
        sparsity: seed % 3 === 0 ? 0.7 : 0,
      });
      const inputs = Array.from({ length: randomModels.inputs }, (_, k) =>
        randomInput(model.graph.inputShape, seed, k),
      );
      for (const executor of [createExecutor(model), createFastExecutor(model)]) {
        expect(hash(inputs.map(executor.run)), `seed ${seed}`).toBe(expected);
      }
    }
    expect(Object.keys(randomModels.outputs)).toHaveLength(150);
  });

  for (const [file, golden] of Object.entries(mlperf.models)) {
    const at = path.join(models, file);
    const test = existsSync(at) ? it : it.skip;
    if (!existsSync(at)) {
      process.stderr.write(
        `SKIPPED: ${file} is not in ${models}; set EAST_SHARED to its parent.\n`,
      );
    }
    test(`agree on every layer of ${file}`, () => {
      const bytes = readFileSync(at);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(golden.model);
      // The hashes are of TFLite 2.14, which rounds the sums of FULLY_CONNECTED as all others; those of 2.21 are in many.json.
      const { graph, ...rest } = readTflite(bytes);
      const model = { ...rest, graph: withoutRounding(graph) };
      const fast = createFastExecutor(model);
      const slow = createExecutor(model);
      const layers = model.graph.layers.map(({ name }) => ({ name, sha: createHash('sha256') }));
      for (let k = 0; k < golden.inputs; k++) {
        const input = randomInput(model.graph.inputShape, 7, k);
        const output = fast.run(input);
        for (const { name, sha } of layers) sha.update(fast.tensor(name));
        if (k >= golden.firstOutputs.length) continue;
        expect(Array.from(output)).toEqual(golden.firstOutputs[k]);
        slow.run(input);
        for (const { name } of layers) {
          expect(hash([slow.tensor(name)]), name).toBe(hash([fast.tensor(name)]));
        }
      }
      // A RESHAPE that changes nothing here is no layer; TFLite's has the hash of what it reads.
      const changing = golden.layers.filter((sha, i) => sha !== golden.layers[i - 1]);
      expect(layers.map(({ sha }) => sha.digest('hex'))).toEqual(changing);
    });

    test(`damage to ${file} is a UserError or still a whole network`, () => {
      const bytes = readFileSync(at);
      const random = createRandom(11);
      let refused = 0;
      for (let round = 0; round < 100; round++) {
        const damaged = Uint8Array.from(bytes);
        // Tables lie near both ends of the file, weights in between.
        for (let k = 0; k < 1 + (round % 8); k++) {
          const near = random.int(Math.min(12000, damaged.length));
          damaged[random.int(2) === 0 ? near : damaged.length - 1 - near] = random.int(256);
        }
        const cut = round % 3 === 0 ? damaged.subarray(0, random.int(damaged.length)) : damaged;
        try {
          readTflite(cut);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(30);
    });
  }

  it('refuse what is not a .tflite file', () => {
    expect(() => readTflite(new Uint8Array(0))).toThrow(UserError);
    expect(() => readTflite(new TextEncoder().encode('{"model": "text"}'))).toThrow(/TFL3/);
  });
});
