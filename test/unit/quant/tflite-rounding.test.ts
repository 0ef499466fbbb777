/**
 * How sums become codes, against TFLite's reference kernels, for sums beside the half between two codes
 * (bench/golden/tflite_dense.py). Convolutions there round twice, as all that is trained or quantised here does. FULLY_CONNECTED
 * rounded twice up to TensorFlow 2.14 and rounds the product of doubles once in 2.21: so do layers that are such an operator.
 */
import { describe, expect, it } from 'vitest';
import { withoutRounding } from '../../../src/core/graph/graph';
import { readTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { clamp, roundHalfAwayFromZero } from '../../../src/core/quant/fixed-point';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { tensorOf, weightsOf } from '../../../src/core/quant/model';
import golden from '../../fixtures/quant/tflite-dense.json';

const UNITS = 24;
const DEPTH = 4;

function codes(text: string): Int8Array {
  return new Int8Array(Buffer.from(text, 'base64'));
}

function* examples(inputs: string): Generator<Int8Array> {
  const all = codes(inputs);
  for (let at = 0; at < all.length; at += DEPTH) yield all.slice(at, at + DEPTH);
}

function outputsHere(model: QuantizedModel, inputs: string): number[] {
  const found: number[] = [];
  const [slow, fast] = [createExecutor(model), createFastExecutor(model)];
  const output = model.graph.layers[0]!.name;
  for (const input of examples(inputs)) {
    slow.run(input);
    fast.run(input);
    expect([...fast.tensor(output)]).toEqual([...slow.tensor(output)]);
    found.push(...slow.tensor(output));
  }
  return found;
}

/** Every sum times its scales in doubles, rounded once. */
function roundedOnce(model: QuantizedModel, inputs: string): number[] {
  const { name } = model.graph.layers[0]!;
  const { weights, weightScales, bias } = weightsOf(model, name);
  const [from, to] = [tensorOf(model, 'input'), tensorOf(model, name)];
  return [...examples(inputs)].flatMap((input) =>
    Array.from(bias, (sum, unit) => {
      input.forEach((code, i) => (sum += (code - from.zeroPoint) * weights[unit * DEPTH + i]!));
      const scaled = sum * ((from.scale * weightScales[unit]!) / to.scale);
      return clamp(roundHalfAwayFromZero(scaled) + to.zeroPoint, -128, 127);
    }),
  );
}

describe.each(['channel', 'tensor'])('sums beside a half, with a scale a %s', (scales) => {
  const of = (kind: string): typeof golden.cases => {
    const cases = golden.cases.filter((each) => each.kind === kind && each.scales === scales);
    expect(cases).toHaveLength(4);
    return cases;
  };

  it('become the codes of TFLite in convolutions', () => {
    for (const { file, inputs, outputs } of of('conv')) {
      const found = outputsHere(readTflite(Buffer.from(file, 'base64')), inputs);
      expect(found).toEqual([...codes(outputs)]);
    }
  });

  it('become the codes of TFLite in dense layers, which are rounded once', () => {
    for (const { file, inputs, outputs } of of('dense')) {
      const model = readTflite(Buffer.from(file, 'base64'));
      const expected = codes(outputs);
      expect(expected).toHaveLength((codes(inputs).length / DEPTH) * UNITS);
      expect(roundedOnce(model, inputs)).toEqual([...expected]);
      expect(outputsHere(model, inputs)).toEqual([...expected]);
    }
  });

  it('become in dense layers of networks that are not as the file has them what they become in convolutions', () => {
    const convolutions = of('conv');
    of('dense').forEach(({ file, inputs }, k) => {
      const model = readTflite(Buffer.from(file, 'base64'));
      const found = outputsHere({ ...model, graph: withoutRounding(model.graph) }, inputs);
      expect(found).toEqual([...codes(convolutions[k]!.outputs)]);
    });
  });
});
