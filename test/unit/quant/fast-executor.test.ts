/** The fast executor against the reference, tensor by tensor. */

import { describe, expect, it } from 'vitest';
import { INPUT } from '../../../src/core/graph/graph';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { checkModel } from '../../../src/core/quant/quantize-model';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import type { RandomModelOptions } from './random-model';
import { randomInput, randomModel } from './random-model';

// toEqual compares typed arrays element by element, which takes a hundred times as long.
function sameBytes(a: Int8Array, b: Int8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function expectSame(model: QuantizedModel, seed: number): void {
  const fast = createFastExecutor(model);
  const slow = createExecutor(model);
  for (let k = 0; k < 6; k++) {
    const input = randomInput(model.graph.inputShape, seed, k);
    expect(sameBytes(fast.run(input), slow.run(input)), `seed ${seed}`).toBe(true);
    for (const { name } of model.graph.layers) {
      const same = sameBytes(fast.tensor(name), slow.tensor(name));
      expect(same, `seed ${seed}, layer ${name}, input ${k}`).toBe(true);
    }
  }
}

describe('fast executor', () => {
  const kinds: Record<string, RandomModelOptions> = {
    dense: {},
    sparse: { sparsity: 0.9 },
    'all zero': { sparsity: 1 },
    hostile: { hostile: true },
  };
  for (const [name, options] of Object.entries(kinds)) {
    it(`equals the reference on ${name} networks`, () => {
      for (let seed = 1000; seed < 1030; seed++) expectSame(randomModel(seed, options), seed);
    });
  }

  it('equals the reference where accumulators come close to 2^31, at every shift', () => {
    const random = createRandom(9);
    const units = 64;
    const inputs = 5;
    const shape = [1, 1, units] as const;
    for (let round = 0; round < 20; round++) {
      const zeroPoint = round % 2 === 0 ? 127 : -128;
      const shift = Int32Array.from({ length: units }, (_, o) => (o % 36) - 31);
      const model: QuantizedModel = {
        graph: {
          inputShape: [1, 1, inputs],
          layers: [
            {
              ...{ name: 'fc', kind: 'dense', inputs: [INPUT], units, batchNorm: false },
              ...{ inputShape: [1, 1, inputs], outputShape: shape, activation: 'none' },
            },
          ],
        },
        tensors: {
          input: { scale: 1, zeroPoint },
          fc: { scale: 1, zeroPoint: random.int(256) - 128 },
        },
        layers: {
          fc: {
            weights: Int8Array.from(
              { length: units * inputs },
              () => [127, -127, 0][random.int(3)]!,
            ),
            weightScales: new Float64Array(units).fill(1),
            bias: shift.map((s) => {
              const room = Math.floor((2 ** 31 - 129) / 2 ** Math.max(0, s)) - 127 * 255 * inputs;
              return random.int(2) === 0 ? room : -room;
            }),
            multiplier: shift.map(() => 2 ** 30 + random.int(2 ** 30)),
            shift,
          },
        },
      };
      expectSame(model, round);
      const { fc } = model.layers;
      const worse = {
        ...fc!,
        bias: fc!.bias.map((b) => b + Math.sign(b) * 127 * 255 * inputs + Math.sign(b) * 200),
      };
      expect(() => checkModel({ ...model, layers: { fc: worse } })).toThrow(/beyond int32/);
    }
  });

  it('refuses inputs of another size and unknown tensors', () => {
    const model = randomModel(1);
    for (const executor of [createExecutor(model), createFastExecutor(model)]) {
      expect(() => executor.run(new Int8Array(1))).toThrow(UserError);
      expect(() => executor.tensor('nonsense')).toThrow(UserError);
    }
  });

  it('gives arrays that later runs leave alone', () => {
    const model = randomModel(5);
    for (const executor of [createExecutor(model), createFastExecutor(model)]) {
      const input = randomInput(model.graph.inputShape, 5, 0);
      const output = executor.run(input);
      const before = output.slice();
      executor.run(randomInput(model.graph.inputShape, 5, 2));
      expect(output).toEqual(before);
    }
  });
});
