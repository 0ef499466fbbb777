/**
 * Measures how many weights can stay non-zero when a layer must fit a share of its dense bytes, and writes
 * src/core/advice/compression-curve.json. The weights are those of bench/lz4-energy.ts, chosen by method east and
 * encoded by the real encoder: `npx tsx scripts/update-compression-curve.ts`, the same numbers on every machine.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { magnitudeSaliency } from '../src/core/east/saliency';
import { selectEast } from '../src/core/east/select';
import type { SelectionLayer } from '../src/core/east/selection';
import { createRandom } from '../src/core/util/random';

const WEIGHTS = 65_536;
const SIGMA = 32; // int8 steps per standard deviation
const SHARES = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.08, 0.06, 0.05];
const SMALL_SHARES = [0.04, 0.03, 0.02, 0.01];

const random = createRandom(1);
const weights = Float32Array.from({ length: WEIGHTS }, () => random.normal() * SIGMA);
const layer: SelectionLayer = {
  name: 'gaussian',
  values: Int8Array.from(weights, (x) => Math.max(-127, Math.min(127, Math.round(x)))),
  saliency: magnitudeSaliency(weights),
  tileBytes: [WEIGHTS],
};
const four = (x: number): number => Number(x.toFixed(4));
const points = [...SHARES, ...SMALL_SHARES].map((share) => {
  const { masks, encodedBytes } = selectEast([layer], share * WEIGHTS, { tolerance: 0.001 });
  let nonZero = 0;
  masks[0]!.forEach((kept, i) => {
    if (kept === 1 && layer.values[i] !== 0) nonZero++;
  });
  const point = { bytes: four(encodedBytes / WEIGHTS), nonZero: four(nonZero / WEIGHTS) };
  console.log(JSON.stringify(point));
  return point;
});

const file = fileURLToPath(new URL('../src/core/advice/compression-curve.json', import.meta.url));
writeFileSync(
  file,
  `${JSON.stringify(
    {
      source: 'scripts/update-compression-curve.ts, the weights of bench/lz4-energy.ts',
      method: 'east',
      weights: WEIGHTS,
      sigma: SIGMA,
      points,
    },
    null,
    2,
  )}\n`,
);
