/** Keras's convolutions, of images and of sequences, and its dense layers. */
import type { Sides } from '../../ops/shape';
import { elements } from '../../ops/shape';
import type { LayerConfig } from '../../ops/graph-ops';
import type { WindowKeys } from '../../ops/layer-keys';
import type { TrainedLayer } from '../../quant/quantize-model';
import type { Node, Value } from './call';
import { checkDimensions, outputOf } from './call';

/** How a window moves, as the config has it. */
function windowOf(
  node: Node,
  dimensions: 1 | 2,
): {
  readonly kernel: [number, number];
  readonly stride: [number, number];
  readonly padding: 'same' | 'valid' | 'causal' | Sides;
  readonly dilation?: [number, number];
} {
  const { settings } = node;
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const padding = settings.text('padding', 'valid').toLowerCase();
  if (padding !== 'same' && padding !== 'valid' && padding !== 'causal') {
    node.fail(`has padding "${padding}"; same, valid and causal are supported`);
  }
  const { padding: around } = node.input;
  const kernel = settings.pair('kernel_size', dimensions);
  const stride = settings.pair('strides', dimensions, 1);
  const dilation = settings.pair('dilation_rate', dimensions, 1);
  return {
    kernel,
    stride,
    padding: padding === 'valid' && around !== undefined ? around : padding,
    ...(dilation.some((n) => n > 1) ? { dilation } : {}),
  };
}

function weighted(
  node: Node,
  config: LayerConfig & WindowKeys,
  weights: TrainedLayer,
  dimensions: 1 | 2,
  { input = windowed(node, config), wanted = node.layer.name } = {},
): Value {
  const layer = node.making.builder.add({
    config,
    wanted,
    inputs: [input.layer],
    where: node.where,
    weights,
  });
  return outputOf(node, layer, dimensions);
}

/** What a window moves over: without the padding that it does itself. */
function windowed(node: Node, config: WindowKeys): Value {
  const { input } = node;
  if (input.padding === undefined || config.padding !== input.padding) return node.plane();
  return { layer: input.layer, shape: input.shape };
}

export function convolution(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const window = windowOf(node, dimensions);
  const filters = settings.size('filters');
  const groups = settings.number('groups', 1);
  if (!Number.isSafeInteger(groups) || groups < 1 || channels % groups !== 0) {
    node.fail(`has ${groups} groups, which cannot share ${channels} channels`);
  }
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const [kernel, bias] = node.tensors({
    kernel: [...size, channels / groups, filters],
    ...(node.hasBias ? { bias: [filters] } : {}),
  });
  const config = {
    ...({ type: 'conv2d', filters, batchNorm: false } as const),
    ...window,
    ...(groups > 1 ? { groups } : {}),
  };
  return node.activated(weighted(node, config, node.weightsOf(kernel!, bias), dimensions));
}

export function depthwise(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const window = windowOf(node, dimensions);
  const multiplier = settings.number('depth_multiplier', 1);
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const outputs = channels * multiplier;
  // Keras 2 has its own name for it.
  const names = node.making.weights.of(node.layer, ['kernel'])[0] ? 'kernel' : 'depthwise_kernel';
  const [kernel, bias] = node.tensors({
    [names]: [...size, channels, multiplier],
    ...(node.hasBias ? { bias: [outputs] } : {}),
  });
  const config = depthwiseConfig(window, multiplier);
  const weights = { weights: kernel!.values, bias: bias?.values ?? new Float32Array(outputs) };
  return node.activated(weighted(node, config, weights, dimensions));
}

function depthwiseConfig(
  window: ReturnType<typeof windowOf>,
  multiplier: number,
): LayerConfig & WindowKeys {
  const filters = multiplier > 1 ? { multiplier } : {};
  return { type: 'depthwiseConv2d', ...window, ...filters, batchNorm: false };
}

/** A depthwise convolution without a bias, and a pointwise one behind it. */
export function separable(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const window = windowOf(node, dimensions);
  const multiplier = settings.number('depth_multiplier', 1);
  const filters = settings.size('filters');
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const middle = channels * multiplier;
  const [depth, point, bias] = node.tensors({
    depthwise_kernel: [...size, channels, multiplier],
    pointwise_kernel: [...size.map(() => 1), middle, filters],
    ...(node.hasBias ? { bias: [filters] } : {}),
  });
  const between = weighted(
    node,
    depthwiseConfig(window, multiplier),
    { weights: depth!.values, bias: new Float32Array(middle) },
    dimensions,
    { wanted: `${node.layer.name}_depthwise` },
  );
  const weights = node.weightsOf(point!, bias);
  return node.activated(
    weighted(node, pointwise(filters), weights, dimensions, { input: between }),
  );
}

export function transposedConvolution(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const { dilation, ...window } = windowOf(node, dimensions);
  const filters = settings.size('filters');
  if (dilation !== undefined) node.fail('has a dilation, which is not supported. Leave it out');
  if (settings.has('output_padding')) {
    node.fail('has an output_padding, which is not supported. Leave it out');
  }
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const [kernel, bias] = node.tensors({
    kernel: [...size, filters, channels],
    ...(node.hasBias ? { bias: [filters] } : {}),
  });
  const weights = {
    weights: outputsFirst(kernel!.values, filters, channels),
    bias: bias?.values ?? new Float32Array(filters),
  };
  const config = { type: 'conv2dTranspose', filters, ...window, batchNorm: false } as const;
  return node.activated(weighted(node, config, weights, dimensions));
}

/** [positions, outputs, inputs] as [outputs, positions, inputs]. */
function outputsFirst(values: Float32Array, outputs: number, inputs: number): Float32Array {
  const positions = values.length / (outputs * inputs);
  const result = new Float32Array(values.length);
  for (let p = 0; p < positions; p++) {
    for (let o = 0; o < outputs; o++) {
      const from = (p * outputs + o) * inputs;
      result.set(values.subarray(from, from + inputs), (o * positions + p) * inputs);
    }
  }
  return result;
}

/** A convolution of one pixel. */
function pointwise(filters: number): LayerConfig & WindowKeys {
  return { type: 'conv2d', filters, kernel: [1, 1], padding: 'valid', batchNorm: false };
}

/** Over the last dimension: of images and sequences at each place, which is a convolution of one pixel. */
export function dense(node: Node): Value {
  const { settings, input, channels } = node;
  const units = settings.size('units');
  const [kernel, bias] = node.tensors({
    kernel: [channels, units],
    ...(node.hasBias ? { bias: [units] } : {}),
  });
  const weights = node.weightsOf(kernel!, bias);
  const shape = [...input.shape.slice(0, -1), units];
  const places = elements(shape.slice(0, -1));
  const inputs = [input.padding === undefined ? input : node.plane()];
  const value =
    places === 1
      ? node.add({ type: 'dense', units, batchNorm: false }, shape, { weights, inputs })
      : node.add(pointwise(units), shape, { weights, inputs: [node.plane()] });
  return node.activated(value);
}
