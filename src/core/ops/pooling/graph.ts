/** Pools, whether they take the largest value under a window or the average, and of a window or the whole plane. */
import type { GraphOp, Place } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { ConfigPair, Fail, WindowKeys } from '../layer-keys';
import { PADDING, POOL, required, STRIDE } from '../layer-keys';
import type { Padding, Pair } from '../shape';
import { allSides, bothAxes, checkSequence } from '../sequence';
import type { Window } from '../window';
import { windowShape } from '../window';

interface PoolWindow {
  readonly pool: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

export interface Pool2DLayer extends LayerBase, PoolWindow {}

export interface Pool2DConfig extends ConfigBase, WindowKeys {
  readonly pool?: ConfigPair;
}

/** What all pools over a window share. */
export const POOL_2D = {
  keys: [POOL, STRIDE, PADDING],
  inputs: 1,
  channels: 'kept',
  homogeneous: () => true,
  last: false,
} as const satisfies Partial<GraphOp<Pool2DLayer, Pool2DConfig>>;

/** What all pools over the whole plane share; they put out [1, 1, channels]. */
export const GLOBAL_POOL = {
  keys: [],
  inputs: 1,
  channels: 'kept',
  homogeneous: () => true,
  last: false,
} as const satisfies Partial<GraphOp<LayerBase, ConfigBase>>;

export function poolLayer(
  config: Pool2DConfig,
  { inputShape }: Place,
  fail: Fail,
): PoolWindow & Pick<LayerBase, 'outputShape'> {
  checkSequence(config, inputShape, fail);
  const pool = bothAxes(config, 'pool', required(config, 'pool', fail), fail);
  const stride =
    config.stride === undefined ? pool : bothAxes(config, 'stride', config.stride, fail);
  const window = { pool, stride, padding: allSides(config, config.padding ?? 'valid', fail) };
  const outputShape = windowShape(inputShape, poolWindow(window), inputShape[2], 'pool', fail);
  return { ...window, outputShape };
}

export function poolWindow({ pool, stride, padding }: PoolWindow): Window {
  return { kernel: pool, stride, padding };
}

/** The whole plane as a window. */
export function planeWindow({ inputShape: [height, width] }: LayerBase): Window {
  return { kernel: [height, width], stride: [1, 1], padding: 'valid' };
}
