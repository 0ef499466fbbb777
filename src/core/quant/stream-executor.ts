/** Runs a quantised network along a stream, step by step, as the chip does: the exact judge of what its outputs must be. */
import type { StreamStep } from '../graph/stream';
import { tensorOfView } from '../graph/stream';
import { INPUT, outputSize, outputTensors } from '../graph/graph';
import type { Layer } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import type { Step } from '../ops/execute-op';
import { UserError } from '../util/errors';
import { referenceStep } from './executor';
import type { QuantizedModel } from './model';
import { tensorOf } from './model';
import { checkModel } from './quantize-model';

export interface StreamExecutor {
  /** int8 codes of what a step brings → the outputs' codes, or undefined while the first window is not full. */
  step(input: Int8Array): Int8Array | undefined;
  /** Forgets the past, as if the stream began. */
  reset(): void;
}

/** The network of a stream's step with the quantisation of all that its layers read. */
export function streamModel(model: QuantizedModel, { graph }: StreamStep): QuantizedModel {
  const tensors = { ...model.tensors };
  for (const { name } of (graph.kept ?? []).flatMap(({ views }) => views)) {
    tensors[name] = tensorOf(model, tensorOfView(name));
  }
  return { ...model, graph, tensors };
}

/** @param stepOf how a layer is computed; the reference kernels unless it is said */
export function createStreamExecutor(
  model: QuantizedModel,
  stream: StreamStep,
  stepOf: (model: QuantizedModel, layer: Layer) => Step = referenceStep,
): StreamExecutor {
  const moving = streamModel(model, stream);
  checkModel(moving);
  const { graph } = moving;
  const kept = new Map(
    (graph.kept ?? []).map((one) => [
      one.tensor,
      { ...one, codes: new Int8Array(one.past + one.fresh) },
    ]),
  );
  const steps = graph.layers.map((layer) => ({ layer, run: stepOf(moving, layer) }));
  const expected = elements(graph.inputShape);
  let left = stream.warmUp;

  const reset = (): void => {
    for (const { tensor, codes } of kept.values()) codes.fill(tensorOf(model, tensor).zeroPoint);
    left = stream.warmUp;
  };
  reset();
  return {
    reset,
    step(input) {
      if (input.length !== expected) {
        throw new UserError(`A step takes ${expected} values, got ${input.length}.`);
      }
      const tensors = new Map<string, Int8Array>();
      const put = (name: string, codes: Int8Array): void => {
        tensors.set(name, codes);
        const keeper = kept.get(name);
        if (keeper === undefined) return;
        keeper.codes.set(codes, keeper.past);
        for (const { name: view, offset, bytes } of keeper.views) {
          tensors.set(view, keeper.codes.subarray(offset, offset + bytes));
        }
      };
      const get = (name: string): Int8Array => {
        const codes = tensors.get(name);
        if (codes === undefined) throw new Error(`There is no tensor ${name} in this step.`);
        return codes;
      };
      put(INPUT, input.slice());
      for (const { layer, run } of steps) put(layer.name, run(layer.inputs.map(get)));
      const output = new Int8Array(outputSize(graph));
      let at = 0;
      for (const name of outputTensors(graph)) {
        output.set(get(name), at);
        at += get(name).length;
      }
      for (const { codes, fresh, past } of kept.values()) codes.copyWithin(0, fresh, fresh + past);
      left = Math.max(0, left - 1);
      return left === 0 ? output : undefined;
    },
  };
}
