/**
 * Weight clustering as a rival: every layer has a codebook of k levels, which k-means finds anew at every training step,
 * one scale a channel as all formats have, and its weights are indices into it, packed and LZ4-encoded by tile. To the
 * product it is int8 with a fit of its own: the levels are int8 codes, so its executor computes the accuracy as it stands.
 */
import { BLOB_ENTRY_BYTES, blobOverhead } from '../../src/core/firmware/blob';
import type { Graph } from '../../src/core/graph/graph';
import type { WeightedLayer } from '../../src/core/ops/graph-ops';
import {
  channelOf,
  channelOfWeight,
  weightCount,
  weightedLayers,
} from '../../src/core/graph/graph';
import { encodedSize } from '../../src/core/codecs/lz4/encode';
import type { LayerParameters, Parameters } from '../../src/core/train/pass/parameters';
import type { TileWeights } from '../../src/core/train/loop/pruning';
import { layerWeights, quantizeLayerWeights } from '../../src/core/train/pass/weight-quantization';
import type { LayerWeights, QuantizedWeights } from '../../src/core/formats/fit';
import type { TrainedFormat } from '../../src/core/formats/fits';
import type { Sizes } from './sizes';

/** Levels worth choosing from: the most that fit a number of weights a byte. 256: int8 as it is, no codebook. */
export const LEVELS = [256, 16, 8, 6, 4, 3, 2] as const;
/** Those of an entropy coder, to which a level is as natural as another number of them. */
const ENTROPY_LEVELS = [256, 32, 16, 13, 11, 9, 8, 7, 6, 5, 4, 3, 2] as const;
/** How indices are stored: packed, with LZ4 where that is smaller; or by an entropy coder where that is smaller still. */
export type Storage = 'packed' | 'entropy';
/** Of the budget, to choose levels for: the entropy of indices moves while they are trained. */
const ENTROPY_MARGIN = 0.98;
/** By layer name. */
export type Levels = Readonly<Record<string, number>>;

const BINS = 1024;
/** Of the histogram, in standard deviations of a channel; what lies beyond counts at its end. */
const RANGE = 4;
const LLOYD_ROUNDS = 10;
const SCALE_ROUNDS = 2;
/** Of a channel of zeros alone, which has levels like any other. */
const NO_SCALE = 1e-12;

/**
 * k-means over the weights of a layer, each channel divided by its scale: from the levels that are best for Gaussian
 * weights, and with scales of least squared error for the levels found. The signs that batch norm turns round at
 * deployment are turned round here, so that the stored codes are the codebook's.
 */
export function cluster({ weights, order, sign }: LayerWeights, levels: number): QuantizedWeights {
  const { channels, perChannel } = order;
  const signs = Float64Array.from({ length: channels }, (_, c) => sign(c));
  const channel = Uint32Array.from({ length: weights.length }, (_, i) => channelOf(order, i));
  const scales = new Float64Array(channels);
  weights.forEach((w, i) => {
    scales[channel[i]!]! += (w * w) / perChannel;
  });
  scales.forEach((energy, c) => {
    scales[c] = Math.max(NO_SCALE, Math.sqrt(energy));
  });
  const scaled = new Float64Array(weights.length);
  const index = new Uint8Array(weights.length);
  let codebook = gaussianLevels(levels);
  for (let round = 0; round < SCALE_ROUNDS; round++) {
    weights.forEach((w, i) => {
      scaled[i] = (w * signs[channel[i]!]!) / scales[channel[i]!]!;
    });
    codebook = lloyd(scaled, codebook);
    assign(scaled, codebook, index);
    const product = new Float64Array(channels);
    const square = new Float64Array(channels);
    index.forEach((level, i) => {
      product[channel[i]!]! += scaled[i]! * codebook[level]!;
      square[channel[i]!]! += codebook[level]! ** 2;
    });
    scales.forEach((scale, c) => {
      if (product[c]! > 0) scales[c] = (scale * product[c]!) / square[c]!;
    });
  }
  const largest = codebook.reduce((most, level) => Math.max(most, Math.abs(level)), 0);
  const codes = codebook.map((level) => Math.round((127 * level) / largest));
  const values = new Int8Array(weights.length);
  index.forEach((level, i) => {
    values[i] = codes[level]! * signs[channel[i]!]!;
  });
  return { values, scales: scales.map((scale) => (scale * largest) / 127) };
}

/** What a layer of so many levels is trained in: int8 codes, found for the layer as a whole. */
export function clustered(levels: number): TrainedFormat {
  const fit = (weights: LayerWeights): QuantizedWeights => cluster(weights, levels);
  return { id: 'int8', fit: { byChannel: false, fine: true, fit } };
}

/** Levels whose density is the cube root of the Gaussian's: nearly those of least squared error (Panter & Dite 1951). */
function gaussianLevels(levels: number): Float64Array {
  return Float64Array.from({ length: levels }, (_, j) => Math.sqrt(3) * probit((j + 0.5) / levels));
}

/** Inverse of the Gaussian distribution's integral, by bisection. */
function probit(p: number): number {
  let [low, high] = [-8, 8];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (gaussianIntegral(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

/** By the series for the error function, good to more digits than needed within eight deviations. */
function gaussianIntegral(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Lloyd's method on a histogram; ascending levels in, ascending levels out. */
function lloyd(values: Float64Array, start: Float64Array): Float64Array<ArrayBuffer> {
  const count = new Float64Array(BINS);
  const sum = new Float64Array(BINS);
  const perBin = BINS / (2 * RANGE);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor((values[i]! + RANGE) * perBin)));
    count[bin]!++;
    sum[bin]! += values[i]!;
  }
  const levels = Float64Array.from(start);
  for (let round = 0; round < LLOYD_ROUNDS; round++) {
    let bin = 0;
    levels.forEach((_, j) => {
      const bound = j + 1 < levels.length ? (levels[j]! + levels[j + 1]!) / 2 : Infinity;
      let [n, total] = [0, 0];
      for (; bin < BINS && (bin + 0.5) / perBin - RANGE < bound; bin++) {
        n += count[bin]!;
        total += sum[bin]!;
      }
      if (n > 0) levels[j] = total / n;
    });
  }
  return levels;
}

/** Index of the nearest of ascending levels for each value. */
function assign(values: Float64Array, levels: Float64Array, index: Uint8Array): void {
  const bounds = Array.from(levels.subarray(1), (level, j) => (levels[j]! + level) / 2);
  for (let i = 0; i < values.length; i++) {
    let level = 0;
    while (level < bounds.length && values[i]! >= bounds[level]!) level++;
    index[i] = level;
  }
}

/** Bytes of `count` packed indices: bits where the levels are a power of two, else as many digits as a byte holds. */
export function indexBytes(count: number, levels: number): number {
  const bits = Math.log2(levels);
  return Number.isInteger(bits)
    ? Math.ceil((count * bits) / 8)
    : Math.ceil(count / Math.floor(8 / bits));
}

export function packIndices(indices: Uint8Array, levels: number): Uint8Array {
  const packed = new Uint8Array(indexBytes(indices.length, levels));
  const bits = Math.log2(levels);
  if (!Number.isInteger(bits)) {
    const digits = Math.floor(8 / bits);
    indices.forEach((index, i) => {
      packed[Math.floor(i / digits)]! += index * levels ** (i % digits);
    });
    return packed;
  }
  indices.forEach((index, i) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      packed[at >> 3]! |= ((index >> bit) & 1) << (at & 7);
    }
  });
  return packed;
}

/** Of a layer: the number of levels and their codes. int8 has neither. */
function codebookBytes(levels: number): number {
  return levels === 256 ? 0 : 1 + levels;
}

/** Bytes of the blob at most, whatever the weights are: header, tile table, codebooks and indices without LZ4. */
export function mostBytes(graph: Graph, tileWeights: TileWeights, levels: Levels): number {
  const tiles = Object.values(tileWeights).reduce((sum, list) => sum + list.length, 0);
  return weightedLayers(graph).reduce(
    (sum, { name }) => sum + layerBytes(tileWeights[name]!, levels[name]!),
    blobOverhead(tiles),
  );
}

function layerBytes(tileWeights: readonly number[], levels: number): number {
  return tileWeights.reduce((sum, count) => sum + indexBytes(count, levels), codebookBytes(levels));
}

/**
 * Levels of each layer such that all fit `budget` bytes and the sum of the layers' lost energies, each relative to its
 * layer's, is the least: the distortion that the product's own choice of formats has, by exact dynamic programming.
 * Throws Error where even two levels everywhere do not fit.
 */
export function chooseLevels(
  graph: Graph,
  parameters: Parameters,
  tileWeights: TileWeights,
  budget: number,
  storage: Storage = 'packed',
): Record<string, number> {
  const layers = weightedLayers(graph);
  const tiles = Object.values(tileWeights).reduce((sum, list) => sum + list.length, 0);
  const [choices, margin] =
    storage === 'packed' ? [LEVELS, 1] : ([ENTROPY_LEVELS, ENTROPY_MARGIN] as const);
  const room = Math.floor(budget * margin) - blobOverhead(tiles);
  // least[b]: the least distortion of the layers so far in exactly b bytes, and their levels.
  let least = new Map<number, { readonly loss: number; readonly levels: readonly number[] }>([
    [0, { loss: 0, levels: [] }],
  ]);
  for (const layer of layers) {
    const p = parameters.get(layer.name)!;
    const options = choices.map((levels) => ({
      levels,
      bytes:
        storage === 'packed'
          ? layerBytes(tileWeights[layer.name]!, levels)
          : codedBytes(layer, p, tileWeights[layer.name]!, levels),
      loss: lostEnergy(layer, p, levels),
    }));
    const next: typeof least = new Map();
    for (const [bytes, before] of least) {
      for (const option of options) {
        const total = bytes + option.bytes;
        const loss = before.loss + option.loss;
        if (total > room || loss >= (next.get(total)?.loss ?? Infinity)) continue;
        next.set(total, { loss, levels: [...before.levels, option.levels] });
      }
    }
    least = next;
  }
  const best = [...least.values()].reduce(
    (found, choice) => (found === undefined || choice.loss < found.loss ? choice : found),
    undefined as { readonly loss: number; readonly levels: readonly number[] } | undefined,
  );
  if (best === undefined) throw new Error(`two levels in every layer do not fit ${budget} bytes`);
  return Object.fromEntries(layers.map(({ name }, l) => [name, best.levels[l]!]));
}

/** What the weights as they are take by the entropy coder, or packed. */
function codedBytes(
  layer: WeightedLayer,
  p: LayerParameters,
  tileWeights: readonly number[],
  levels: number,
): number {
  const packed = layerBytes(tileWeights, levels);
  if (levels === 256) return packed;
  const given = layerWeights(layer, p);
  const codes = cluster(given, levels).values.map(
    (code, i) => code * given.sign(channelOf(given.order, i)),
  );
  return Math.min(
    packed,
    codebookBytes(levels) + levels + entropyBytes(codes, countsOf(codes), tileWeights.length),
  );
}

function countsOf(codes: Int8Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}

/**
 * Bytes of indices by an entropy coder that loses nothing to its states' precision: the entropy of their frequencies in the
 * layer, and a state of four bytes a tile. The frequency of each level is a byte more beside the codebook.
 */
export function entropyBytes(
  codes: Int8Array,
  counts: ReadonlyMap<number, number>,
  tiles: number,
): number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let bits = 0;
  for (const code of codes) bits -= Math.log2(counts.get(code)! / total);
  return Math.ceil(bits / 8) + 4 * tiles;
}

/** Σ (w − ŵ)² / Σ w² of a layer. */
export function lostEnergy(layer: WeightedLayer, p: LayerParameters, levels: number): number {
  const { values, scales } =
    levels === 256 ? quantizeLayerWeights(layer, p) : cluster(layerWeights(layer, p), levels);
  let [lost, energy] = [0, 0];
  p.weights.forEach((w, i) => {
    const error = w - values[i]! * scales[channelOfWeight(layer, i)]!;
    lost += error * error;
    energy += w * w;
  });
  return energy > 0 ? lost / energy : 0;
}

export interface ClusteredLayer {
  readonly name: string;
  readonly levels: number;
  /** Its codes, ascending. */
  readonly codebook: readonly number[];
  /** With codebook and tile table. */
  readonly bytes: number;
  /** Tiles that LZ4 does not make smaller. */
  readonly rawTiles: number;
}

export interface Clustered {
  /** Header, tile table, codebooks and tiles, each by LZ4 or as it is. */
  readonly blobBytes: number;
  readonly layers: readonly ClusteredLayer[];
  /** Of the tiles and codebooks, without header and table. */
  readonly sizes: Sizes;
}

/** What trained codes take. Throws Error where a layer has more different codes than levels. */
export function clusteredBytes(
  graph: Graph,
  codes: Readonly<Record<string, Int8Array>>,
  tileWeights: TileWeights,
  levels: Levels,
  storage: Storage = 'packed',
): Clustered {
  let tiles = 0;
  const sizes = { optimal: 0, greedy: 0, packed: 0, bitmap: 0 };
  const layers = weightedLayers(graph).map((layer): ClusteredLayer => {
    const { name } = layer;
    const k = levels[name]!;
    const values = codes[name]!;
    const counts = countsOf(values);
    const codebook = [...counts.keys()].sort((a, b) => a - b);
    if (codebook.length > k) throw new Error(`${name} has ${codebook.length} codes, not ${k}`);
    const indexOf = new Map(codebook.map((code, index) => [code, index]));
    let start = 0;
    let rawTiles = 0;
    let bytes = codebookBytes(k);
    const coded =
      storage === 'entropy' && k < 256
        ? k + entropyBytes(values, counts, tileWeights[name]!.length)
        : Infinity;
    for (const key of ['greedy', 'packed', 'bitmap', 'optimal'] as const) {
      sizes[key] += codebookBytes(k);
    }
    for (const count of tileWeights[name]!) {
      const tile = values.subarray(start, start + count);
      const packed =
        k === 256
          ? Uint8Array.from(tile)
          : packIndices(
              Uint8Array.from(tile, (code) => indexOf.get(code)!),
              k,
            );
      const optimal = Math.min(packed.length, encodedSize(packed));
      bytes += optimal;
      if (optimal === packed.length) rawTiles++;
      sizes.optimal += optimal;
      sizes.greedy += Math.min(packed.length, encodedSize(packed, 'greedy'));
      sizes.packed += packed.length;
      start += count;
      tiles++;
    }
    const plain = bytes - codebookBytes(k);
    if (coded < plain) {
      bytes += coded - plain;
      sizes.optimal += coded - plain;
    }
    const nonZero = values.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
    sizes.bitmap += Math.ceil((weightCount(layer) + nonZero * Math.log2(k)) / 8);
    bytes += BLOB_ENTRY_BYTES * tileWeights[name]!.length;
    return { name, levels: k, codebook, bytes, rawTiles };
  });
  return { blobBytes: blobOverhead(tiles) + sizes.optimal, layers, sizes };
}
