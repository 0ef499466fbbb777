/**
 * Runs a quantised model layer by layer. The judge of what the chip must compute follows TFLite's reference kernels with
 * plain loops (core/ops, each kind's execute.ts); fast-executor.ts gives the same bytes.
 */

import { INPUT, outputTensors, outputSize } from '../graph/graph';
import type { Step } from '../ops/execute-op';
import { executeOp } from '../ops/execute-ops';
import type { Layer } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { UserError } from '../util/errors';
import type { QuantizedModel } from './model';
import { checkModel } from './quantize-model';

export interface Executor {
  /** input: int8 codes, H·W·C → the output tensor's codes, of several outputs one after the other. The array is the caller's; later runs leave it alone. */
  run(input: Int8Array): Int8Array;
  /** Codes of a tensor (`input` or a layer's output) in the latest run, H·W·C. */
  tensor(name: string): Int8Array;
}

/** Throws UserError where the model breaks what quantizeModel guarantees. */
export function createExecutor(model: QuantizedModel): Executor {
  checkModel(model);
  return executorOf(model, (layer) => referenceStep(model, layer));
}

/** One operation by the reference kernels. */
export function referenceStep(model: QuantizedModel, layer: Layer): Step {
  return (inputs) => executeOp(layer.kind).run(layer, model, inputs);
}

/** Runs the steps of all layers, one after the other; the model has been checked. */
export function executorOf(model: QuantizedModel, stepOf: (layer: Layer) => Step): Executor {
  const steps = model.graph.layers.map((layer) => ({ layer, step: stepOf(layer) }));
  const expected = elements(model.graph.inputShape);
  const ends = outputTensors(model.graph);
  const size = outputSize(model.graph);
  const tensors = new Map<string, Int8Array>();
  const tensor = (name: string): Int8Array => {
    const values = tensors.get(name);
    if (values === undefined) throw new UserError(`There is no tensor '${name}' yet.`);
    return values;
  };
  return {
    tensor,
    run(input) {
      if (input.length !== expected) {
        throw new UserError(
          `The network takes ${expected} values (${model.graph.inputShape.join('×')}), got ${input.length}.`,
        );
      }
      tensors.set(INPUT, input.slice());
      for (const { layer, step } of steps) {
        tensors.set(layer.name, step(layer.inputs.map(tensor)));
      }
      const output = new Int8Array(size);
      let offset = 0;
      for (const name of ends) {
        const values = tensor(name);
        output.set(values, offset);
        offset += values.length;
      }
      return output;
    },
  };
}
