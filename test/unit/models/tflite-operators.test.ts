/** Networks of one TFLite operator each: what is read of the file gives what TFLite's reference kernels gave, byte for byte. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadTflite, readTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { realValues } from '../../../src/core/quant/constants';
import { oneOperator } from './one-operator';

const FOLDER = new URL('../../fixtures/models/operators/', import.meta.url);
const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

describe.each(names)('%s', (name) => {
  const cases = oneOperator(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

  it('gives the bytes of the reference kernel, slow and fast', () => {
    for (const [i, { file, inputs, outputs }] of cases.entries()) {
      const model = readTflite(file);
      const executors = [createExecutor(model), createFastExecutor(model)];
      for (const [j, input] of inputs.entries()) {
        for (const executor of executors) {
          expect(executor.run(input), `case ${i}, input ${j}`).toEqual(outputs[j]);
        }
      }
    }
  });

  it('has real values for its constants, for training', () => {
    for (const { file } of cases) {
      const { constants, quantization } = loadTflite(file);
      expect(Object.keys(constants ?? {})).toEqual(Object.keys(quantization?.constants ?? {}));
      for (const [layer, its] of Object.entries(quantization?.constants ?? {})) {
        for (const [what, codes] of Object.entries(its)) {
          expect(constants?.[layer]?.[what]).toEqual(realValues(codes));
        }
      }
    }
  });
});
