import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { bestRounding, simdModule } from '../../../src/core/train/kernels/simd/simd-module';
import { wasmBackend } from '../../../src/core/train/kernels/wasm-heap';
import { createRandom } from '../../../src/core/util/random';
import { randomValues } from './compare';
import { hasFused, ROUNDINGS, withRounding } from './rounding';

beforeAll(async () => {
  await openEngine('wasm');
});

describe('a sum and a product', () => {
  const multiplyAdd = (sum: number, x: number, y: number): number =>
    simdModule(wasmBackend(tf.backend())).probeMultiplyAdd(sum, x, y);
  // Integers of at most 20 bits, so that float64 holds the sum exactly.
  const random = createRandom(3);
  const cases = Array.from({ length: 2000 }, () => {
    const [x, y] = [random.int(2 ** 20), random.int(2 ** 20) - 2 ** 19];
    return [-Math.fround(x * y * (1 + random.int(3))), x, y] as const;
  });

  it('is rounded twice by the plain build', () => {
    withRounding('plain', () => {
      for (const [sum, x, y] of cases) {
        expect(multiplyAdd(sum, x, y)).toBe(Math.fround(sum + Math.fround(x * y)));
      }
    });
  });

  it.skipIf(!hasFused)('is rounded once by the fused build, which some of these tell', () => {
    let different = 0;
    withRounding('fused', () => {
      for (const [sum, x, y] of cases) {
        expect(multiplyAdd(sum, x, y)).toBe(Math.fround(sum + x * y));
        if (Math.fround(sum + x * y) !== Math.fround(sum + Math.fround(x * y))) different++;
      }
    });
    expect(different).toBeGreaterThan(100);
  });

  it('takes what the engine has chosen when no build is asked for', () => {
    const once = multiplyAdd(-(1 + 2 ** -11), 1 + 2 ** -12, 1 + 2 ** -12) === 2 ** -24;
    expect(once).toBe(bestRounding() === 'fused');
  });
});

describe.each(ROUNDINGS)('a convolution, %s', (rounding) => {
  const size = 12;
  const convolve = (x: Float32Array): Float32Array =>
    tf.tidy(() => {
      const w = tf.tensor4d(randomValues(16 * 16, 2), [1, 1, 16, 16]);
      return Float32Array.from(
        tf.conv2d(tf.tensor4d(x, [1, size, size, 16]), w, 1, 'same').dataSync(),
      );
    });

  it('gives the same bits before and after V8 compiles it anew for speed', () => {
    const x = randomValues(size * size * 16, 1);
    withRounding(rounding, () => {
      const first = convolve(x);
      for (let i = 0; i < 400; i++) convolve(x);
      expect(convolve(x)).toEqual(first);
    });
  });

  it('has NaN and infinities where a sum in float64 has them', () => {
    const x = randomValues(size * size * 16, 1);
    x.set([NaN, Infinity, -Infinity], 16 * 5);
    const y = withRounding(rounding, () => convolve(x));
    y.forEach((v, i) => expect(Number.isNaN(v)).toBe(Math.floor(i / 16) === 5));
    x.set([Infinity], 16 * 5);
    x.fill(0, 16 * 5 + 1, 16 * 6);
    const infinite = withRounding(rounding, () => convolve(x));
    infinite.forEach((v, i) => expect(Number.isFinite(v)).toBe(Math.floor(i / 16) !== 5));
  });
});
