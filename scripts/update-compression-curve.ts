/**
 * Measures how many weights can stay non-zero when a layer must fit a share of its packed bytes, for each format, and
 * writes src/core/plan/compression-curve.json. The weights are those of bench/lz4-energy.ts, in channels of 256, chosen
 * by method east and encoded by the real encoder: `npx tsx scripts/update-compression-curve.ts`, the same numbers on
 * every machine.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { layerCoding } from '../src/core/codecs/coding';
import type { EastConfig } from '../src/core/config/config';
import {
  avoidZeroBytes,
  hasZero,
  largestCode,
  WEIGHT_FORMATS,
  type WeightFormat,
} from '../src/core/formats/packing';
import {
  select,
  symbolLayer,
  unprunedBytes,
  type PruningLayer,
} from '../src/core/train/loop/pruning';
import { fitScale } from '../src/core/train/pass/weight-scale';
import { createRandom } from '../src/core/util/random';

const WEIGHTS = 65_536;
const CHANNEL = 256;
const SIGMA = 32; // int8 steps per standard deviation
const SHARES = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05];
const SMALL_SHARES = [0.04, 0.03, 0.02, 0.01];
const METHOD: EastConfig = { method: 'east', group: 1, interval: 1, freeze: 1, encoder: 'optimal' };

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
    const scale = fitScale(Float64Array.from(channel, Math.abs), format);
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

function curveOf(format: WeightFormat) {
  const { values, saliency } = codesOf(format);
  const layer: PruningLayer = symbolLayer(
    'gaussian',
    values,
    saliency,
    [WEIGHTS],
    layerCoding(format),
  );
  const packed = layer.symbols.length;
  // What the codec finds in the weights as they are.
  const unpruned = unprunedBytes([layer]).total;
  const full = { bytes: four(unpruned / packed), nonZero: share(values, undefined) };
  const budgets = [...SHARES, ...SMALL_SHARES].filter((part) => part * packed < unpruned);
  const points = budgets.map((part) => {
    const { masks, storedBytes } = select([layer], Math.floor(part * packed), METHOD, undefined);
    return { bytes: four(storedBytes / packed), nonZero: share(values, masks[0]) };
  });
  console.log(format, JSON.stringify([full, ...points]));
  return [full, ...points];
}

const curves = Object.fromEntries(WEIGHT_FORMATS.map((format) => [format, curveOf(format)]));
const file = fileURLToPath(new URL('../src/core/plan/compression-curve.json', import.meta.url));
writeFileSync(
  file,
  `${JSON.stringify(
    {
      source: 'scripts/update-compression-curve.ts, the weights of bench/lz4-energy.ts',
      method: 'east',
      weights: WEIGHTS,
      sigma: SIGMA,
      curves,
    },
    null,
    2,
  )}\n`,
);
