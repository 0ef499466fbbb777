/** What a network from a file gives in float numbers, all of its outputs one after the other, softmax included. */
import type { Batch } from '../../../../src/core/dataset/dataset';
import { elements } from '../../../../src/core/ops/shape';
import type { LoadedModel } from '../../../../src/core/models/model';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { floatNetwork } from '../../../../src/core/train/imported/float-network';
import { observeBatch } from '../../../../src/core/train/imported/observe';

/** Rows of outputs for rows of inputs, which are normalised as the file says. */
export async function floatOutputs(
  engine: Engine,
  model: LoadedModel,
  outputs: readonly string[],
  inputs: readonly Float32Array[],
): Promise<number[][]> {
  const { graph, file } = model;
  const network = floatNetwork(model);
  const size = elements(graph.inputShape);
  const channels = graph.inputShape[2];
  const { mean = [0], std = [1] } = file?.normalization ?? {};
  const at = (list: readonly number[], i: number): number =>
    list[list.length === 1 ? 0 : i % channels]!;
  const x = new Float32Array(inputs.length * size);
  inputs.forEach((input, n) => {
    x.set(
      input.map((value, i) => (value - at(mean, i)) / at(std, i)),
      n * size,
    );
  });
  const batch: Batch = { x, y: new Float32Array(inputs.length), examples: inputs.length };
  let all = new Float32Array();
  await observeBatch(engine, network, batch, {
    outputs: (values) => {
      all = Float32Array.from(values);
    },
  });
  const length = all.length / inputs.length;
  return inputs.map((_, n) => {
    const row = all.slice(n * length, (n + 1) * length);
    let at = 0;
    return outputs.flatMap((name) => {
      const layer = graph.layers.find((one) => one.name === name)!;
      const values = row.slice(at, (at += elements(layer.outputShape)));
      // Of probabilities alone the pass gives logits, for the loss has their softmax.
      const logits = layer.kind === 'softmax' && outputs.length === 1;
      return [...(logits ? softmax(values, layer.outputShape[2]) : values)];
    });
  });
}

function softmax(logits: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    const row = logits.subarray(at, at + classes);
    const powers = row.map((value) => Math.exp(value - Math.max(...row)));
    const sum = powers.reduce((a, b) => a + b, 0);
    result.set(
      powers.map((power) => power / sum),
      at,
    );
  }
  return result;
}
