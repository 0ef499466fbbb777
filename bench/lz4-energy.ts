/**
 * How much of a layer's energy each pruning method keeps in a given number of really encoded bytes, and what becomes
 * of the bytes when the weights move on under the same masks. `npx tsx bench/lz4-energy.ts` writes
 * bench/results/lz4-energy.json; the same numbers on every machine, the seconds apart.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { layerCoding } from '../src/core/codecs/coding';
import { searchBudget } from '../src/core/east/budget-search';
import { runMask } from '../src/core/east/run-masks';
import { selectEast, selectGroup, selectMagnitude } from '../src/core/east/select';
import type { Selection, SelectionLayer } from '../src/core/east/selection';
import { maskedBytes } from '../src/core/east/stored-bytes';
import { createRandom } from '../src/core/util/random';

const WEIGHTS = 65_536;
const SIGMA = 32; // int8 steps per standard deviation
const random = createRandom(1);
const weights = Float32Array.from({ length: WEIGHTS }, () => random.normal() * SIGMA);
const drift = Float32Array.from({ length: WEIGHTS }, () => random.normal());
const quantize = (w: Float32Array): Int8Array =>
  Int8Array.from(w, (x) => Math.max(-127, Math.min(127, Math.round(x))));

const codes = quantize(weights);
const layer: SelectionLayer = {
  name: 'gaussian',
  symbols: Uint8Array.from(codes),
  saliency: weights.map((w) => w * w),
  tileSymbols: [WEIGHTS],
  coding: layerCoding('int8'),
};
const layers = [layer];
const pureRuns = { zero: Float64Array.of(1, 1, 1, 0, 0), keep: Float64Array.of(1, 1, 1, 1, 1) };
const tolerance = 0.001;

const methods: Record<string, (budget: number) => Selection> = {
  magnitude: (budget) => selectMagnitude(layers, budget, { tolerance }),
  'group of 4': (budget) => selectGroup(layers, budget, { tolerance, group: 4 }),
  'group of 8': (budget) => selectGroup(layers, budget, { tolerance, group: 8 }),
  'group of 16': (budget) => selectGroup(layers, budget, { tolerance, group: 16 }),
  'free zero runs': (budget) =>
    searchBudget(layers, budget, (lambda) => [runMask(layer, pureRuns, lambda)], { tolerance }),
  east: (budget) => selectEast(layers, budget, { tolerance }),
};

const share = (x: number): number => Number(x.toFixed(4));
const rows = [0.5, 0.25].flatMap((budget) =>
  Object.entries(methods).map(([method, select]) => {
    const started = process.cpuUsage();
    const selection = select(budget * WEIGHTS);
    const seconds = process.cpuUsage(started).user / 1e6;
    const mask = selection.masks[0]!;
    let energy = 0;
    let kept = 0;
    let zeros = 0;
    codes.forEach((value, i) => {
      energy += value * value;
      if (mask[i] === 1) kept += value * value;
      if (mask[i] === 0 || value === 0) zeros++;
    });
    const grown = (steps: number): number => {
      const moved = Uint8Array.from(quantize(weights.map((w, i) => w + steps * drift[i]!)));
      return share(
        maskedBytes([{ ...layer, symbols: moved }], selection.masks).total / selection.storedBytes,
      );
    };
    const row = {
      budget,
      method,
      bytes: selection.storedBytes,
      energyKept: share(kept / energy),
      sparsity: share(zeros / WEIGHTS),
      // Bytes under the same masks after Gaussian noise of so many int8 steps on every weight, against `bytes`.
      growthAfterDriftOf1: grown(1),
      growthAfterDriftOf8: grown(8),
      cpuSeconds: Number(seconds.toFixed(1)),
    };
    console.log(JSON.stringify(row));
    return row;
  }),
);

const results = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(results, { recursive: true });
writeFileSync(
  `${results}lz4-energy.json`,
  `${JSON.stringify({ weights: WEIGHTS, sigma: SIGMA, node: process.version, rows }, null, 2)}\n`,
);
