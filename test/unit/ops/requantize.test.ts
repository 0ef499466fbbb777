/** TFLite's own reference kernel against ours: the fixture holds what TFLite computed. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readTflite } from '../../../src/core/models/tflite/tflite';
import { requantize } from '../../../src/core/ops/requantize/execute';
import type { RequantizeLayer } from '../../../src/core/ops/requantize/graph';
import { UserError } from '../../../src/core/util/errors';
import golden from '../../fixtures/quant/tflite-requantize.json';

const CODES = Int8Array.from({ length: 256 }, (_, i) => i - 128);
const SHAPE = [1, 1, 256] as const;
const LAYER: RequantizeLayer = {
  ...{ kind: 'requantize', name: 'it', inputs: ['input'] },
  ...{ inputShape: SHAPE, outputShape: SHAPE },
};
const GRAPH = { inputShape: SHAPE, layers: [LAYER] };

function hash(codes: Int8Array): string {
  return createHash('sha256').update(codes).digest('hex');
}

describe('the change of scales between int8 tensors', () => {
  it('is that of TFLite for every code, at any scales and zero points', () => {
    expect(golden.cases).toHaveLength(40);
    for (const { input, output, sha256 } of golden.cases) {
      const model = { graph: GRAPH, tensors: { input, it: output }, layers: {} };
      const codes = requantize.run(LAYER, model, [CODES]);
      expect(hash(codes), JSON.stringify({ input, output })).toBe(sha256);
      expect(requantize.fast?.(LAYER, model)([CODES])).toEqual(codes);
    }
  });

  it('is read from a TFLite file', () => {
    const { graph, tensors } = readTflite(Buffer.from(golden.file, 'base64'));
    expect(graph.layers).toMatchObject([{ kind: 'requantize', inputs: ['input'] }]);
    expect(tensors[graph.layers[0]!.name]).toEqual(golden.cases.at(-1)?.output);
  });

  it('refuses scales between which no int32 could hold the product', () => {
    const tensors = { input: { scale: 2 ** 22, zeroPoint: 0 }, it: { scale: 1, zeroPoint: 0 } };
    expect(() => requantize.check?.(LAYER, { graph: GRAPH, tensors, layers: {} })).toThrow(
      UserError,
    );
  });
});
