/** One-operator int8 networks with a window (bench/golden/tflite_windows.py): what TFLite's reference kernels give, to the byte. */
import { describe, expect, it } from 'vitest';
import { readTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import transposed from '../../fixtures/models/transposed.json';
import windows from '../../fixtures/models/windows.json';

const codes = (text: string): Int8Array => Int8Array.from(Buffer.from(text, 'base64'));

describe('windows as TFLite computes them', () => {
  it.each(Object.entries({ ...windows, ...transposed }))('%s', (_, { file, inputs, outputs }) => {
    const model = readTflite(Buffer.from(file, 'base64'));
    for (const executor of [createExecutor(model), createFastExecutor(model)]) {
      inputs.forEach((input, i) => {
        expect(executor.run(codes(input))).toEqual(codes(outputs[i]!));
      });
    }
  });
});
