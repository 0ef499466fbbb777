/**
 * 3×3 convolutions of stride 1 and their filter gradients by Winograd's minimal filtering (simd/winograd-kernels.as.ts).
 * Tiles of 4×4 outputs are taken in groups, whose transformed values stay in the processor's cache.
 */
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { pointers, scratch, simdModule, type SimdModule } from './simd/simd-module';
import { floats, release, type BackendWasm } from './wasm-heap';

const FLOAT = 4;
/** Outputs per tile along one axis. */
const TILE = 4;
/** Transformed values per tile and channel. */
const POSITIONS = 36;
/** Values of the transformed tiles of one group, at most, unless one row of tiles has more: 384 KiB of a core's cache. */
const GROUP_VALUES = 96 * 1024;
/**
 * Outputs that a tile must have on average to be worth its 36 products per channel and filter, and the transforms.
 * Measured with 4 to 128 channels: 6¼ (images of 5×5) are 1.1 to 1.4 times as fast as the direct sum, 16 are 1.5 to 3.5
 * times as fast, 4 (2×2) are slower.
 */
const LEAST_OUTPUTS = 6;

/**
 * Whether the functions below do this convolution faster than adding up its products one by one. It depends on nothing
 * but the layer, so that an image's result does not change with the machine or with the other images of its batch.
 */
export function suitsWinograd(info: backend_util.Conv2DInfo): boolean {
  const { outHeight, outWidth, padInfo } = info;
  return (
    info.filterHeight === 3 &&
    info.filterWidth === 3 &&
    info.strideHeight === 1 &&
    info.strideWidth === 1 &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    padInfo.top <= 2 &&
    padInfo.left <= 2 &&
    info.inChannels % 4 === 0 &&
    info.outChannels % 4 === 0 &&
    outHeight * outWidth >= LEAST_OUTPUTS * Math.ceil(outHeight / TILE) * Math.ceil(outWidth / TILE)
  );
}

interface Tiling {
  readonly across: number;
  readonly down: number;
  /** Rows of tiles in the batch, and at most in one group. */
  readonly rows: number;
  readonly groupRows: number;
}

function tiling(info: backend_util.Conv2DInfo): Tiling {
  const across = Math.ceil(info.outWidth / TILE);
  const down = Math.ceil(info.outHeight / TILE);
  const rows = info.batchSize * down;
  const values = POSITIONS * across * (info.inChannels + info.outChannels);
  const fitting = Math.max(1, Math.floor(GROUP_VALUES / values));
  return { across, down, rows, groupRows: Math.min(rows, fitting) };
}

/** y of a convolution that suits. */
export function winogradConvolution(
  backend: BackendWasm,
  info: backend_util.Conv2DInfo,
  x: TensorInfo,
  filter: TensorInfo,
  y: TensorInfo,
): void {
  const { inWidth, inChannels: channels, outHeight, outWidth } = info;
  const filters = info.outChannels;
  const { across, down, rows, groupRows } = tiling(info);
  const tiles = roundUp(groupRows * across, 4);
  const padded = roundUp(filters, 8);
  const columns = across * TILE;
  const work = {
    u: scratch(backend, POSITIONS * channels * padded),
    v: scratch(backend, POSITIONS * tiles * channels),
    m: scratch(backend, POSITIONS * tiles * padded),
    xStrip: scratch(backend, 6 * (columns + 2) * channels),
    yStrip: scratch(backend, 6 * columns * filters),
    zeros: scratch(backend, inWidth * channels),
    spare: scratch(backend, 18 * 4),
  };
  // What a group leaves of its last four tiles is computed and not looked at.
  for (const tensor of [work.v, work.xStrip, work.zeros]) floats(backend, tensor).fill(0);
  // Looked up once: each look-up costs as much as a small tile.
  const at = pointers(backend, { x, filter, y, ...work });
  const module = simdModule(backend);
  module.winogradFilters(at.filter, at.u, channels, filters, at.spare);
  for (let first = 0; first < rows; first += groupRows) {
    const count = Math.min(groupRows, rows - first);
    const groupTiles = roundUp(count * across, 4);
    const vPlane = groupTiles * channels * FLOAT;
    const mPlane = groupTiles * padded * FLOAT;
    for (let r = 0; r < count; r++) {
      transformInput(module, info, across, position(first + r, down), at, r, vPlane);
    }
    module.winogradProducts(at.v, at.u, at.m, groupTiles, channels, filters);
    for (let r = 0; r < count; r++) {
      const [image, row] = position(first + r, down);
      module.winogradOutput(
        at.m + r * across * padded * FLOAT,
        mPlane,
        across,
        filters,
        at.yStrip,
        at.y + (image * outHeight + row * TILE) * outWidth * filters * FLOAT,
        Math.min(TILE, outHeight - row * TILE),
        outWidth,
      );
    }
  }
  release(backend, ...Object.values(work));
}

/** dw of a convolution that suits. */
export function winogradFilterGradient(
  backend: BackendWasm,
  info: backend_util.Conv2DInfo,
  x: TensorInfo,
  dy: TensorInfo,
  dw: TensorInfo,
): void {
  const { inWidth, inChannels: channels, outHeight, outWidth } = info;
  const filters = info.outChannels;
  const { across, down, rows, groupRows } = tiling(info);
  const tiles = groupRows * across;
  const columns = across * TILE;
  const work = {
    v: scratch(backend, POSITIONS * tiles * channels),
    z: scratch(backend, POSITIONS * tiles * filters),
    sums: scratch(backend, POSITIONS * channels * filters),
    xStrip: scratch(backend, 6 * (columns + 2) * channels),
    yStrip: scratch(backend, 6 * columns * filters),
    zeros: scratch(backend, Math.max(inWidth * channels, outWidth * filters)),
    spare: scratch(backend, 18 * 4),
  };
  for (const tensor of [work.sums, work.xStrip, work.yStrip, work.zeros]) {
    floats(backend, tensor).fill(0);
  }
  const at = pointers(backend, { x, dy, dw, ...work });
  const module = simdModule(backend);
  const vPlane = tiles * channels * FLOAT;
  const zPlane = tiles * filters * FLOAT;
  for (let first = 0; first < rows; first += groupRows) {
    const count = Math.min(groupRows, rows - first);
    for (let r = 0; r < count; r++) {
      const [image, row] = position(first + r, down);
      transformInput(module, info, across, [image, row], at, r, vPlane);
      module.winogradOutputGradient(
        at.dy + image * outHeight * outWidth * filters * FLOAT,
        row * TILE,
        outHeight,
        outWidth,
        filters,
        across,
        at.yStrip,
        at.zeros,
        at.z + r * across * filters * FLOAT,
        zPlane,
      );
    }
    const groupTiles = count * across;
    module.winogradGradientProducts(
      at.v,
      vPlane,
      at.z,
      zPlane,
      at.sums,
      groupTiles,
      channels,
      filters,
    );
  }
  module.winogradFilterGradient(at.sums, at.dw, channels, filters, at.spare);
  release(backend, ...Object.values(work));
}

/** A row of tiles of x to the group's row `r` of transformed values. */
function transformInput(
  module: SimdModule,
  info: backend_util.Conv2DInfo,
  across: number,
  [image, row]: readonly [image: number, row: number],
  at: Readonly<Record<'x' | 'v' | 'xStrip' | 'zeros', number>>,
  r: number,
  vPlane: number,
): void {
  const { inHeight, inWidth, inChannels: channels } = info;
  module.winogradInput(
    at.x + image * inHeight * inWidth * channels * FLOAT,
    row * TILE - info.padInfo.top,
    -info.padInfo.left,
    inHeight,
    inWidth,
    channels,
    across,
    at.xStrip,
    at.zeros,
    at.v + r * across * channels * FLOAT,
    vPlane,
  );
}

/** Image and row within it of a row of tiles of the batch. */
function position(row: number, down: number): [image: number, row: number] {
  const image = Math.floor(row / down);
  return [image, row - image * down];
}

function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step;
}
