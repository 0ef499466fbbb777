/**
 * Small networks that end in the index of the largest (bench/golden/tflite_argmax.py): the indices that TFLite's reference kernels
 * and ONNX Runtime give, of equal ones the first.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { scoringGraph } from '../../../src/core/graph/scores';
import type { LoadedModel } from '../../../src/core/models/model';
import { loadOnnx } from '../../../src/core/models/onnx/load';
import { loadTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { tensorOf, type QuantizedModel } from '../../../src/core/quant/model';
import { scoringModel, withIndices } from '../../../src/core/quant/scores';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import type { Tf } from '../../../src/core/train/kernels/tf';
import golden from '../../fixtures/models/argmax.json';
import { floatOutputs } from './float-outputs';

interface Golden {
  readonly file: string;
  readonly inputs: readonly string[];
  /** By example and by output. */
  readonly outputs: readonly (readonly { type: string; values: readonly number[] }[])[];
}

const ALL: Readonly<Record<string, Golden>> = golden;
const named = (end: string): [string, Golden][] =>
  Object.entries(ALL).filter(([name]) => name.endsWith(end));

function codesOf(text: string): Int8Array {
  return Int8Array.from(Buffer.from(text, 'base64'));
}

function load(name: string, { file }: Golden): LoadedModel {
  const bytes = Buffer.from(file, 'base64');
  return name.startsWith('onnx') ? loadOnnx(bytes) : loadTflite(bytes);
}

function quantized({ graph, quantization }: LoadedModel): QuantizedModel {
  if (quantization === undefined) throw new Error('the network is not int8');
  return { graph, ...quantization };
}

let tf: Tf;
beforeAll(async () => {
  ({ tf } = await openEngine('wasm'));
});

describe('int8 networks that end in ARG_MAX', () => {
  it.each(named('-int8'))('%s: gives what TFLite gives', (name, its) => {
    const model = quantized(load(name, its));
    for (const executor of [createExecutor(model), createFastExecutor(model)]) {
      its.inputs.forEach((input, i) => {
        executor.run(codesOf(input));
        const found = (model.graph.outputs ?? [model.graph.layers.at(-1)!.name]).map((output) => {
          const { scale, zeroPoint } = tensorOf(model, output);
          return Array.from(executor.tensor(output), (code) => scale * (code - zeroPoint));
        });
        its.outputs[i]!.forEach(({ type, values }, output) => {
          if (type.startsWith('int')) expect(found[output]).toEqual(values);
          else values.forEach((value, k) => expect(found[output]![k]).toBeCloseTo(value, 5));
        });
      });
    }
  });

  it('has codes that are the index itself as long as all of them are', () => {
    const zeroPoint = (name: string): number => {
      const model = quantized(load(name, ALL[name]!));
      return tensorOf(model, model.graph.layers.at(-1)!.name).zeroPoint;
    };
    expect(zeroPoint('widest-zero-int8')).toBe(0);
    expect(zeroPoint('wide-int8')).toBe(-128);
  });

  it('comes apart at the scores, and together again', () => {
    for (const [name, its] of named('-int8')) {
      const model = quantized(load(name, its));
      const scores = scoringModel(model);
      expect(scores.graph.layers.map(({ kind }) => kind)).not.toContain('argmax');
      expect(scores.graph.outputs).toBeUndefined();
      expect(withIndices(scores, model.graph)).toEqual(model);
    }
  });
});

describe('float networks that end in the index of the largest', () => {
  it.each([...named('-float'), ...Object.entries(ALL).filter(([n]) => n.startsWith('onnx'))])(
    '%s: gives what its runtime gives',
    (name, its) => {
      const model = load(name, its);
      expect(model.quantization).toBeUndefined();
      its.inputs.forEach((input, i) => {
        const data = Float32Array.from(codesOf(input), (code) => code / 32);
        const found = floatOutputs(tf, model, data);
        its.outputs[i]!.forEach(({ type, values }, output) => {
          if (type.startsWith('int')) expect([...found[output]!]).toEqual(values);
          else values.forEach((value, k) => expect(found[output]![k]).toBeCloseTo(value, 4));
        });
      });
    },
  );

  it('chooses from the scores where a softmax stands before it', () => {
    const { graph } = load('softmax-float', ALL['softmax-float']!);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['dense', 'argmax']);
    expect(scoringGraph(graph).layers.map(({ kind }) => kind)).toEqual(['dense']);
  });
});
