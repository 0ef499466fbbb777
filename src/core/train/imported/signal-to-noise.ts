/** How far the integer network's tensors are from the float network's on the same examples. */
import type { Normalization, Samples } from '../../dataset/dataset';
import { graphOp } from '../../ops/graph-ops';
import type { Graph } from '../../graph/graph';
import { INPUT } from '../../graph/graph';
import { elements } from '../../ops/shape';
import { quantizeInput } from '../../quant/evaluate';
import { createFastExecutor } from '../../quant/fast-executor';
import { decibels } from '../../quant/noise';
import { tensorOf, type QuantizedModel } from '../../quant/model';

/** By tensor name: its values in float, [examples, H, W, C]. */
export type FloatTensors = ReadonlyMap<string, Float32Array>;

/** Decibels by tensor, those of `float`, over all examples; Infinity where nothing differs. */
export function signalToNoise(
  model: QuantizedModel,
  samples: Samples,
  normalization: Normalization,
  float: FloatTensors,
): Map<string, number> {
  const executor = createFastExecutor(model);
  const input = new Int8Array(elements(samples.shape));
  const sums = new Map([...float.keys()].map((name) => [name, { signal: 0, error: 0 }]));
  for (let i = 0; i < samples.count; i++) {
    quantizeInput(samples, i, normalization, tensorOf(model, INPUT), input);
    executor.run(input);
    for (const [name, values] of float) {
      const codes = executor.tensor(name);
      const { scale, zeroPoint } = tensorOf(model, name);
      const sum = sums.get(name)!;
      // A recurrent layer shows the states of all its steps; what it puts out may be the last of them alone.
      const end = ((i + 1) * values.length) / samples.count;
      for (let k = 0; k < codes.length; k++) {
        const y = values[end - codes.length + k]!;
        const error = y - (codes[k]! - zeroPoint) * scale;
        sum.signal += y * y;
        sum.error += error * error;
      }
    }
  }
  return new Map([...sums].map(([name, { signal, error }]) => [name, decibels(signal, error)]));
}

/** The tensor that holds what training calls the network's outputs: what a final softmax reads. */
export function scoresTensor({ layers, outputs }: Graph): string {
  const last = layers.find(({ name }) => name === outputs?.[0]) ?? layers.at(-1);
  if (last === undefined) return INPUT;
  const { puts, last: ends } = graphOp(last.kind);
  return ends && puts === 'probability' ? last.inputs[0]! : last.name;
}
