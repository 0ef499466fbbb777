/**
 * Small int8 networks with a window (bench/golden/tflite_windows.py), and with dilated ones and shapes that are spelled out since
 * their batch is open (tflite_dilated.py): what TFLite's reference kernels give, to the byte.
 */
import { describe, expect, it } from 'vitest';
import { readTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import dilated from '../../fixtures/models/dilated.json';
import transposed from '../../fixtures/models/transposed.json';
import windows from '../../fixtures/models/windows.json';

const codes = (text: string): Int8Array => Int8Array.from(Buffer.from(text, 'base64'));

describe('windows as TFLite computes them', () => {
  it.each(Object.entries({ ...windows, ...transposed, ...dilated }))(
    '%s',
    (_, { file, inputs, outputs }) => {
      const model = readTflite(Buffer.from(file, 'base64'));
      for (const executor of [createExecutor(model), createFastExecutor(model)]) {
        inputs.forEach((input, i) => {
          expect(executor.run(codes(input))).toEqual(codes(outputs[i]!));
        });
      }
    },
  );
});

describe('convolutions that TensorFlow spells out', () => {
  it('are one layer each, with dilation', () => {
    const { graph } = readTflite(Buffer.from(dilated.tcn.file, 'base64'));
    const dilations = graph.layers.map((layer) =>
      'dilation' in layer ? layer.dilation : undefined,
    );
    expect(dilations).toContainEqual([1, 4]);
    expect(dilations).toContainEqual([1, 2]);
  });
});
