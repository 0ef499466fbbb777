/** TFLite's own reference kernel against ours: the fixture holds what TFLite computed. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readTflite } from '../../../src/core/models/tflite/tflite';
import { leakyRelu } from '../../../src/core/ops/leakyRelu/execute';
import type { LeakyReluLayer } from '../../../src/core/ops/leakyRelu/graph';
import type { QuantizedModel, TensorQuantization } from '../../../src/core/quant/model';
import { UserError } from '../../../src/core/util/errors';
import golden from '../../fixtures/quant/tflite-leaky-relu.json';

const CODES = Int8Array.from({ length: 256 }, (_, i) => i - 128);
const SHAPE = [1, 1, 256] as const;

function modelOf(
  slope: number,
  input: TensorQuantization,
  it: TensorQuantization,
): { layer: LeakyReluLayer; model: QuantizedModel } {
  const layer: LeakyReluLayer = {
    ...{ kind: 'leakyRelu', name: 'it', inputs: ['input'], slope },
    ...{ inputShape: SHAPE, outputShape: SHAPE },
  };
  const model = {
    graph: { inputShape: SHAPE, layers: [layer] },
    tensors: { input, it },
    layers: {},
  };
  return { layer, model };
}

function hash(codes: Int8Array): string {
  return createHash('sha256').update(codes).digest('hex');
}

describe('the int8 leaky ReLU', () => {
  it('is that of TFLite for every code, at any scales and slopes', () => {
    expect(golden.cases.length).toBe(40);
    for (const { slope, input, output, sha256 } of golden.cases) {
      const { layer, model } = modelOf(slope, input, output);
      const codes = leakyRelu.run(layer, model, [CODES]);
      expect(hash(codes), JSON.stringify({ slope, input, output })).toBe(sha256);
      expect(leakyRelu.fast?.(layer, model)([CODES])).toEqual(codes);
    }
  });

  it('is read from a TFLite file', () => {
    const { graph, tensors } = readTflite(Buffer.from(golden.file, 'base64'));
    expect(graph.layers).toMatchObject([{ kind: 'leakyRelu', slope: Math.fround(0.1) }]);
    expect(tensors['input']).toMatchObject({ zeroPoint: -10 });
  });

  it('refuses scales between which no int32 could hold the product', () => {
    const { layer, model } = modelOf(
      0.1,
      { scale: 2 ** 22, zeroPoint: 0 },
      { scale: 1, zeroPoint: 0 },
    );
    expect(() => leakyRelu.check?.(layer, model)).toThrow(UserError);
  });
});
