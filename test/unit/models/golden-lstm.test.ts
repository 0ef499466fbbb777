/** LSTMs that Keras made (bench/golden/lstm.py): int8 files give what TFLite's reference kernels give, to the byte. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import golden from '../../fixtures/models/lstm/golden.json';

const FOLDER = join(import.meta.dirname, '../../fixtures/models/lstm');

describe('LSTMs in int8 TFLite files', () => {
  for (const [name, { inputs, states }] of Object.entries(golden)) {
    it(`${name} gives what TFLite gives`, () => {
      const { graph, quantization } = loadTflite(readFileSync(join(FOLDER, `${name}.tflite`)));
      const model = { graph, ...quantization! };
      for (const executor of [createExecutor(model), createFastExecutor(model)]) {
        inputs.forEach((codes, i) => {
          executor.run(Int8Array.from(codes));
          const found = [...executor.tensor(graph.layers[0]!.name)];
          // All of them, or the last.
          expect(found).toEqual(states[i]!.slice(-found.length));
        });
      }
    });
  }

  it('put out the last state alone where the file takes that', () => {
    const { graph } = loadTflite(readFileSync(join(FOLDER, 'lstm_last.tflite')));
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['lstm', 'dense']);
    expect(graph.layers[0]).toMatchObject({ returnSequences: false, outputShape: [1, 1, 4] });
  });
});
