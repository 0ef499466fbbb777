/**
 * The judge of what the chip must compute: runs a quantised model with plain loops that follow TFLite's reference
 * kernels. Slow on purpose; fast-executor.ts gives the same bytes.
 */

import type { Layer } from '../ops/graph-ops';
import { INPUT } from '../graph/graph';
import { elements } from '../ops/shape';
import { UserError } from '../util/errors';
import type { QuantizedLayer, QuantizedModel, TensorQuantization } from './model';
import { activation } from './operators/activation';
import { add } from './operators/add';
import { conv2d, depthwiseConv2d } from './operators/convolution';
import { dense } from './operators/dense';
import { globalPool, pool2d } from './operators/pooling';
import { softmax } from './operators/softmax';
import { checkModel, tensorOf } from './quantize-model';

export interface Executor {
  /** input: int8 codes, H·W·C → the output tensor's codes. The array is the caller's; later runs leave it alone. */
  run(input: Int8Array): Int8Array;
  /** Codes of a tensor (`input` or a layer's output) in the latest run, H·W·C. */
  tensor(name: string): Int8Array;
}

/** Throws UserError where the model breaks what quantizeModel guarantees. */
export function createExecutor(model: QuantizedModel): Executor {
  checkModel(model);
  const tensors = new Map<string, Int8Array>();
  const tensor = (name: string | undefined): Int8Array => {
    const values = name === undefined ? undefined : tensors.get(name);
    if (values === undefined) throw new UserError(`There is no tensor '${name}' yet.`);
    return values;
  };
  return {
    tensor,
    run(input) {
      checkInput(model, input);
      tensors.set(INPUT, input.slice());
      let output = input;
      for (const layer of model.graph.layers) {
        output = runLayer(model, layer, layer.inputs.map(tensor));
        tensors.set(layer.name, output);
      }
      return output.slice();
    },
  };
}

export function checkInput(model: QuantizedModel, input: Int8Array): void {
  const expected = elements(model.graph.inputShape);
  if (input.length === expected) return;
  throw new UserError(
    `The network takes ${expected} values (${model.graph.inputShape.join('×')}), got ${input.length}.`,
  );
}

/** One operation by the reference kernels; inputs in the order of `layer.inputs`. */
export function runLayer(
  model: QuantizedModel,
  layer: Layer,
  inputs: readonly Int8Array[],
): Int8Array {
  const [first, second] = inputs;
  if (first === undefined) throw new UserError(`Layer '${layer.name}' has no input.`);
  const quantizationOf = (index: number): TensorQuantization =>
    tensorOf(model.tensors, layer.inputs[index]);
  const output = tensorOf(model.tensors, layer.name);
  switch (layer.kind) {
    case 'conv2d':
      return conv2d(layer, weightsOf(model, layer.name), first, quantizationOf(0), output);
    case 'depthwiseConv2d':
      return depthwiseConv2d(layer, weightsOf(model, layer.name), first, quantizationOf(0), output);
    case 'dense':
      return dense(layer, weightsOf(model, layer.name), first, quantizationOf(0), output);
    case 'add':
      if (second === undefined) throw new UserError(`Layer '${layer.name}' adds only one tensor.`);
      return add(layer, first, second, quantizationOf(0), quantizationOf(1), output);
    case 'maxPool2d':
    case 'averagePool2d':
      return pool2d(layer, first);
    case 'globalAveragePool':
    case 'globalMaxPool':
      return globalPool(layer, first);
    case 'activation':
      return activation(layer, first, output);
    case 'flatten':
      return first;
    case 'softmax':
      return softmax(layer.inputShape, first, quantizationOf(0));
  }
}

export function weightsOf(model: QuantizedModel, name: string): QuantizedLayer {
  const layer = model.layers[name];
  if (layer === undefined) throw new UserError(`Layer '${name}' has no weights.`);
  return layer;
}
