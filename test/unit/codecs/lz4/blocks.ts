/** Inputs that an LZ4 encoder should be tried on: typical weights and bytes made to hurt. Seeded, so all runs agree. */
import { createRandom, type Random } from '../../../../src/core/util/random';

export interface NamedBlock {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Gaussian int8 weights (as bytes) with a fraction zeroed in aligned groups. */
export function sparseWeights(
  n: number,
  zeroFraction: number,
  group: number,
  seed: number,
): Uint8Array {
  const random = createRandom(seed);
  const bytes = new Uint8Array(n);
  for (let g = 0; g < n; g += group) {
    const zero = random.next() < zeroFraction;
    for (let i = g; i < Math.min(n, g + group); i++) {
      bytes[i] = zero ? 0 : Math.max(-127, Math.min(127, Math.round(random.normal() * 40)));
    }
  }
  return bytes;
}

const noise = (n: number, random: Random): Uint8Array =>
  Uint8Array.from({ length: n }, () => random.int(256));

/** Every kind of block at a size that keeps the slow checks quick. */
export function testBlocks(): NamedBlock[] {
  const random = createRandom(7);
  const blocks: NamedBlock[] = [];
  const add = (name: string, bytes: Uint8Array): void => void blocks.push({ name, bytes });

  for (let n = 0; n <= 20; n++) {
    add(`${n} zeros`, new Uint8Array(n));
    add(
      `${n} distinct`,
      Uint8Array.from({ length: n }, (_, i) => i),
    );
  }
  for (const n of [100, 5_000, 65_536, 70_000]) {
    add(`noise ${n}`, noise(n, random));
    add(`all zero ${n}`, new Uint8Array(n));
  }
  for (const group of [1, 8]) {
    for (const zeros of [0.5, 0.7, 0.8, 0.9, 0.95]) {
      add(
        `weights, ${zeros * 100} % zero by ${group}`,
        sparseWeights(32_768, zeros, group, 100 * zeros + group),
      );
    }
  }
  for (const period of [1, 2, 3, 4, 5, 7, 16, 255, 256, 1000]) {
    const unit = noise(period, random);
    add(
      `period ${period}`,
      Uint8Array.from({ length: 6_000 }, (_, i) => unit[i % period]!),
    );
  }
  // Runs and literals on both sides of every change in the number of length bytes.
  for (const edge of [4, 15, 18, 19, 270, 274, 525, 529]) {
    for (const delta of [-1, 0, 1]) {
      const length = edge + delta;
      const pieces: number[] = [];
      for (let k = 0; k < 12; k++) pieces.push(...noise(length, random), ...new Uint8Array(length));
      add(`runs and literals of ${length}`, Uint8Array.from(pieces));
    }
  }
  const unit = noise(3_000, random);
  const twice = new Uint8Array(6_000);
  twice.set(unit);
  twice.set(unit, 3_000);
  add('noise, then the same again', twice);
  // A repeat at, just inside and just outside the largest offset.
  for (const distance of [65_534, 65_535, 65_536]) {
    const far = sparseWeights(distance + 400, 0.3, 1, distance);
    far.copyWithin(distance, 0, 200);
    add(`repeat at distance ${distance}`, far);
  }
  // Few symbols: many overlapping matches of every length.
  for (const symbols of [2, 3, 10]) {
    add(
      `${symbols} symbols`,
      Uint8Array.from({ length: 20_000 }, () => random.int(symbols)),
    );
  }
  // Zero runs that shrink and grow: chains of ever better candidates.
  const ramp: number[] = [];
  for (let k = 1; k < 200; k++) ramp.push(...new Uint8Array(k), 200 - k, k);
  add('growing zero runs', Uint8Array.from(ramp));
  add('shrinking zero runs', Uint8Array.from(ramp.reverse()));
  // Incompressible except for a short match now and then: literal runs of every length.
  const rare = noise(30_000, random);
  for (let i = 300; i + 4 < rare.length; i += 20 + random.int(900))
    rare.copyWithin(i, i - 250, i - 246);
  add('rare short matches', rare);
  return blocks;
}
