/** Keras's layers that scale and shift: batch normalisation, and what is done to the input first. */
import { shortened } from '../front';
import type { Node, Value } from './call';
import { filled } from './call';

export function batchNormalization(node: Node): Value {
  const { settings, channels, input } = node;
  const [axis = -1] = settings.numbers('axis', [-1]);
  if (axis !== -1 && axis !== input.shape.length) {
    node.fail(`normalises over axis ${axis}; only the last, the channels, is supported`);
  }
  const [center, scale] = [settings.flag('center', true), settings.flag('scale', true)];
  const found = node.tensors({
    ...(scale ? { gamma: [channels] } : {}),
    ...(center ? { beta: [channels] } : {}),
    moving_mean: [channels],
    moving_variance: [channels],
  });
  const values = found.map((tensor) => tensor.values);
  const [mean, variance] = values.slice(-2);
  return node.scaled({
    gamma: scale ? values[0]! : filled(channels, 1),
    beta: center ? values[scale ? 1 : 0]! : filled(channels, 0),
    mean: mean!,
    variance: variance!,
    epsilon: settings.number('epsilon', 1e-3),
  });
}

/** Over the last dimension, at each place. */
export function layerNormalization(node: Node): Value {
  const { settings, channels, input } = node;
  const axes = settings.numbers('axis', [-1]);
  if (axes.some((axis) => axis !== -1 && axis !== input.shape.length) || axes.length !== 1) {
    node.fail(`normalises over the axes ${axes.join(', ')}; only the last is supported`);
  }
  if (settings.flag('rms_scaling', false))
    node.fail('has rms_scaling=True, which is not supported');
  const [center, scale] = [settings.flag('center', true), settings.flag('scale', true)];
  const found = node.tensors({
    ...(scale ? { gamma: [channels] } : {}),
    ...(center ? { beta: [channels] } : {}),
  });
  const config = { type: 'layerNorm', epsilon: settings.number('epsilon', 1e-3) } as const;
  return node.add(config, input.shape, {
    inputs: [node.plane()],
    weights: {
      weights: scale ? found[0]!.values : filled(channels, 1),
      bias: center ? found.at(-1)!.values : filled(channels, 0),
    },
  });
}

/** What is done to the input first is left to `dataset.normalize`; elsewhere it is a factor and an offset per channel. */
export function rescaling(node: Node): Value {
  const { settings, channels } = node;
  const spread = (key: string, fallback?: number): number[] => {
    const numbers = settings.numbers(key, fallback === undefined ? undefined : [fallback]);
    if (numbers.length === 1) return new Array<number>(channels).fill(numbers[0] ?? 0);
    return numbers.length === channels
      ? numbers
      : node.fail(`has ${numbers.length} values as its ${key}, its input ${channels} channels`);
  };
  const [scale, offset] = [spread('scale'), spread('offset', 0)];
  if (node.alone && scale.every((factor) => factor > 0)) {
    node.making.normalized({
      mean: shortened(scale.map((factor, c) => -offset[c]! / factor + 0)),
      std: shortened(scale.map((factor) => 1 / factor)),
      from: `the layer "${node.layer.name}" (Rescaling), which is left out of the network`,
    });
    return node.input;
  }
  return node.scaled({
    gamma: Float32Array.from(scale),
    beta: Float32Array.from(offset),
    mean: filled(channels, 0),
    variance: filled(channels, 1),
    epsilon: 0,
  });
}

export function normalization(node: Node): Value {
  const { settings, channels, input } = node;
  if (settings.flag('invert', false)) node.fail('inverts, which is not supported');
  const axes = settings.has('axis') ? settings.numbers('axis') : [];
  if (axes.length > 1 || axes.some((axis) => axis !== -1 && axis !== input.shape.length)) {
    node.fail(`normalises over the axes ${axes.join(', ')}; only the last is supported`);
  }
  const said = settings.has('mean') && settings.has('variance');
  const [mean, variance] = said
    ? [settings.numbers('mean'), settings.numbers('variance')]
    : node.tensors({ mean: [channels], variance: [channels] }).map(({ values }) => [...values]);
  const each = (values: readonly number[] = []): number[] =>
    Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c] ?? 0);
  const std = each(variance).map((value) => Math.max(Math.sqrt(value), 1e-7));
  if (node.alone) {
    node.making.normalized({
      mean: shortened(each(mean)),
      std: shortened(std),
      from: `the layer "${node.layer.name}" (Normalization), which is left out of the network`,
    });
    return input;
  }
  return node.scaled({
    gamma: filled(channels, 1),
    beta: filled(channels, 0),
    mean: Float32Array.from(each(mean)),
    variance: Float32Array.from(std, (value) => value ** 2),
    epsilon: 0,
  });
}
