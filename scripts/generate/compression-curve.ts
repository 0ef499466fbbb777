/**
 * How many weights can stay non-zero when a layer must fit a share of its packed bytes, for each format. The weights are
 * those of bench/lz4-energy.ts, in channels of 256, chosen by method east and encoded by the real encoder: the same
 * numbers on every machine. All points take half a minute, so a check computes one of each format; a change that moves
 * others only is not seen by it.
 */
import { layerCoding } from '../../src/core/codecs/coding';
import type { EastConfig } from '../../src/core/config/config';
import { WEIGHT_FORMATS, type WeightFormat } from '../../src/core/formats/formats';
import { avoidZeroBytes, hasZero, largestCode } from '../../src/core/formats/packing';
import {
  select,
  symbolLayer,
  unprunedBytes,
  type PruningLayer,
} from '../../src/core/train/loop/pruning';
import { FITS } from '../../src/core/formats/fits';
import { createRandom } from '../../src/core/util/random';
import type { GeneratedFile } from './generated-file';

const WEIGHTS = 65_536;
const CHANNEL = 256;
const SIGMA = 32; // int8 steps per standard deviation
const SHARES = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05];
const SMALL_SHARES = [0.04, 0.03, 0.02, 0.01];
const METHOD: EastConfig = {
  method: 'east',
  group: 1,
  interval: 1,
  freeze: 1,
  encoder: 'optimal',
  codec: 'lz4',
};

/** What a check computes: small enough that much is pruned, large enough that a change moves the digits that are kept. */
const CHECKED_SHARE = 0.3;

export const compressionCurve: GeneratedFile = {
  path: 'src/core/plan/compression-curve.json',
  make() {
    const curves = Object.fromEntries(WEIGHT_FORMATS.map((format) => [format, curveOf(format)]));
    const source = 'scripts/generate/compression-curve.ts, the weights of bench/lz4-energy.ts';
    const content = { source, method: METHOD.method, weights: WEIGHTS, sigma: SIGMA, curves };
    return Promise.resolve(`${JSON.stringify(content, null, 2)}\n`);
  },
  isCurrent(committed) {
    const { curves }: { curves: Readonly<Record<string, readonly Point[]>> } =
      JSON.parse(committed);
    const same = WEIGHT_FORMATS.every((format) => {
      const { bytes, nonZero } = pointAt(layerOf(format), CHECKED_SHARE);
      return curves[format]?.some((p) => p.bytes === bytes && p.nonZero === nonZero) ?? false;
    });
    return Promise.resolve(same);
  },
};

const random = createRandom(1);
const weights = Float32Array.from({ length: WEIGHTS }, () => random.normal() * SIGMA);
const four = (x: number): number => Number(x.toFixed(4));

interface Codes {
  readonly values: Int8Array;
  readonly saliency: Float32Array;
}

/** As training does it: int8 on the grid of SIGMA, few levels by scales of least squared error (pruning.ts). */
function codesOf(format: WeightFormat): Codes {
  const largest = largestCode(format);
  const nearest = (q: number): number => (hasZero(format) ? Math.round(q) : oddBeside(q));
  const clip = (q: number): number => Math.max(-largest, Math.min(largest, nearest(q)));
  if (format === 'int8') {
    return { values: Int8Array.from(weights, clip), saliency: weights.map((w) => w * w) };
  }
  const values = new Int8Array(WEIGHTS);
  const saliency = new Float32Array(WEIGHTS);
  for (let first = 0; first < WEIGHTS; first += CHANNEL) {
    const channel = weights.subarray(first, first + CHANNEL);
    const scale = FITS[format].scale(Float64Array.from(channel, Math.abs));
    channel.forEach((w, k) => {
      values[first + k] = clip(w / scale);
      const error = w - values[first + k]! * scale;
      saliency[first + k] = w * w - error * error;
    });
  }
  avoidZeroBytes(values, [WEIGHTS], format);
  return { values, saliency };
}

function oddBeside(q: number): number {
  return 2 * Math.floor(q / 2) + 1;
}

function share(values: Int8Array, mask: Uint8Array | undefined): number {
  let nonZero = 0;
  values.forEach((value, i) => {
    if (value !== 0 && mask?.[i] !== 0) nonZero++;
  });
  return four(nonZero / WEIGHTS);
}

/** Shares of the layer's packed bytes, and of its weights. */
interface Point {
  readonly bytes: number;
  readonly nonZero: number;
}

interface Layer {
  readonly values: Int8Array;
  readonly packed: PruningLayer;
}

function layerOf(format: WeightFormat): Layer {
  const { values, saliency } = codesOf(format);
  return {
    values,
    packed: symbolLayer('gaussian', values, saliency, [WEIGHTS], layerCoding(format)),
  };
}

function pointAt({ values, packed }: Layer, part: number): Point {
  const bytes = packed.symbols.length;
  const { masks, storedBytes } = select([packed], Math.floor(part * bytes), METHOD, undefined);
  return { bytes: four(storedBytes / bytes), nonZero: share(values, masks[0]) };
}

function curveOf(format: WeightFormat): Point[] {
  const layer = layerOf(format);
  const bytes = layer.packed.symbols.length;
  // What the codec finds in the weights as they are.
  const unpruned = unprunedBytes([layer.packed]).total;
  const full = { bytes: four(unpruned / bytes), nonZero: share(layer.values, undefined) };
  const budgets = [...SHARES, ...SMALL_SHARES].filter((part) => part * bytes < unpruned);
  return [full, ...budgets.map((part) => pointAt(layer, part))];
}
