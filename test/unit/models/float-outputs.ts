/** What an imported network gives in float, computed layer by layer with TensorFlow.js. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { normalized } from '../../../src/core/dataset/normalization';
import { INPUT, weightedLayers } from '../../../src/core/graph/graph';
import type { LoadedModel } from '../../../src/core/models/model';
import { elements } from '../../../src/core/ops/shape';
import type { Tf } from '../../../src/core/train/kernels/tf';
import { floatNetwork, passLayers } from '../../../src/core/train/imported/float-network';
import { applyLayer } from '../../../src/core/train/pass/forward';
import { layerTensors } from '../../../src/core/train/pass/pass';
import { defined } from '../../../src/core/util/defined';

/** The outputs one by one, each [height, width, channels], for an input of that order, which is normalised as the file says. */
export function floatOutputs(tf: Tf, model: LoadedModel, input: Float32Array): Float32Array[] {
  const { graph, file } = model;
  const { mean = [0], std = [1] } = file?.normalization ?? {};
  const normalization = { kind: 'float', mean, std } as const;
  const network = floatNetwork(model);
  return tf.tidy(() => {
    const layers = passLayers(network);
    const tensors = new Map(
      weightedLayers(graph).map((layer, i) => [layer.name, layerTensors(tf, layer, layers[i]!)]),
    );
    const options = { tensors, ...defined({ constants: model.constants }) };
    const known = new Map<string, Tensor4D>([
      [
        INPUT,
        tf.tensor4d(
          input.map((value, i) => normalized(normalization, value, i)),
          [1, ...graph.inputShape],
        ),
      ],
    ]);
    for (const layer of graph.layers) {
      const inputs = layer.inputs.map((name) => known.get(name)!);
      // Training takes logits, for the loss has the softmax.
      const y =
        layer.kind === 'softmax' ? tf.softmax(inputs[0]!) : applyLayer(tf, layer, inputs, options);
      known.set(layer.name, y);
    }
    const ends = graph.outputs ?? [graph.layers.at(-1)!.name];
    return ends.map((name) => {
      const { outputShape } = graph.layers.find((layer) => layer.name === name)!;
      const values = Float32Array.from(known.get(name)!.dataSync());
      if (values.length !== elements(outputShape)) throw new Error(`${name} has another size`);
      return values;
    });
  });
}
