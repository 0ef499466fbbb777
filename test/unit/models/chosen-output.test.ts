/** One of several outputs of a file: its numbers, and nothing of what only the others need. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputTensors, weightedLayers } from '../../../src/core/graph/graph';
import { graphOfOutput, withOutput } from '../../../src/core/models/chosen-output';
import { loadOnnx } from '../../../src/core/models/onnx/load';
import { loadTflite } from '../../../src/core/models/tflite/tflite';
import { elements } from '../../../src/core/ops/shape';
import { createExecutor } from '../../../src/core/quant/executor';
import { createRandom } from '../../../src/core/util/random';
import { onnxFile } from './onnx-files';

const FOLDER = join(import.meta.dirname, '../../fixtures/models/tflite');
const heads = loadTflite(readFileSync(join(FOLDER, 'heads-int8.tflite')));

describe('one of several outputs', () => {
  it('gives what it gives beside the others, with the layers that it needs', () => {
    const random = createRandom(3);
    const whole = createExecutor({ graph: heads.graph, ...heads.quantization! });
    const ends = outputTensors(heads.graph);
    expect(ends.length).toBeGreaterThan(1);
    for (const [i, end] of ends.entries()) {
      const name = heads.file!.outputNames![i]!;
      const { graph, quantization, weights } = withOutput(heads, name);
      expect(graph.outputs).toBeUndefined();
      expect(graph.layers.at(-1)!.name).toBe(end);
      expect(graph.layers.length).toBeLessThan(heads.graph.layers.length);
      const names = weightedLayers(graph).map((layer) => layer.name);
      expect(Object.keys(quantization!.layers).sort()).toEqual([...names].sort());
      expect(Object.keys(weights!).sort()).toEqual([...names].sort());
      const one = createExecutor({ graph, ...quantization! });
      for (let round = 0; round < 3; round++) {
        const size = elements(graph.inputShape);
        const codes = Int8Array.from({ length: size }, () => random.int(256) - 128);
        whole.run(codes);
        expect(one.run(codes)).toEqual(whole.tensor(end));
      }
    }
  });

  it('is known by its layer, too, and is the same graph each time', () => {
    const [end] = outputTensors(heads.graph);
    const [name] = heads.file!.outputNames!;
    const graph = graphOfOutput(heads.graph, heads.file, end!);
    expect(graphOfOutput(heads.graph, heads.file, name!)).toBe(graph);
  });

  it('leaves a network of one output as it is', () => {
    const model = loadTflite(readFileSync(join(FOLDER, 'cnn-int8.tflite')));
    expect(withOutput(model, model.file!.outputNames![0]!)).toBe(model);
  });

  it('is refused by a name that none has, with those that there are', () => {
    const model = loadOnnx(
      onnxFile({
        nodes: [
          { type: 'Relu', name: 'a', inputs: ['x'], outputs: ['high'] },
          { type: 'Sigmoid', name: 'b', inputs: ['x'], outputs: ['odds'] },
        ],
        outputs: ['high', 'odds'],
      }),
    );
    expect(() => withOutput(model, 'hihg')).toThrow(
      /^the file has no output "hihg"; its outputs are high \(a\), odds \(b\)$/,
    );
    expect(withOutput(model, 'odds').graph.layers).toMatchObject([{ kind: 'sigmoid', name: 'b' }]);
  });
});
