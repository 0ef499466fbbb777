import { describe, expect, it } from 'vitest';
import {
  BatchSource,
  evaluationBatches,
  NO_AUGMENTATION,
  sliceBatch,
  type BatchOptions,
} from '../../../src/core/dataset/batches';
import type { Augmentation, Normalization, Samples } from '../../../src/core/dataset/dataset';
import { measureNormalization } from '../../../src/core/dataset/normalization';
import { createRandom } from '../../../src/core/util/random';

const NORMALIZATION: Normalization = { kind: 'uint8', mean: [100], std: [50] };

/** Images whose pixel (0, 0, 0) is their own index. */
function samples(count = 23, shape: Samples['shape'] = [4, 5, 3]): Samples {
  const size = shape[0] * shape[1] * shape[2];
  const random = createRandom(9);
  const data = Uint8Array.from({ length: count * size }, (_, i) =>
    i % size === 0 ? i / size : random.int(256),
  );
  return { count, shape, data, targets: Float32Array.from({ length: count }, (_, i) => i % 7) };
}

function options(changes: Partial<BatchOptions> = {}): BatchOptions {
  return {
    samples: samples(),
    normalization: NORMALIZATION,
    augmentation: NO_AUGMENTATION,
    batchSize: 5,
    seed: 11,
    ...changes,
  };
}

function indicesOf(x: Float32Array, size = 60): number[] {
  return Array.from({ length: x.length / size }, (_, b) => Math.round(x[b * size]! * 50 + 100));
}

describe('BatchSource', () => {
  it('gives whole batches of distinct examples with their own labels and pixels', () => {
    const source = new BatchSource(options());
    expect(source.stepsPerEpoch).toBe(4);
    const seen: number[] = [];
    for (let step = 0; step < 4; step++) {
      const { x, y } = source.make(step);
      expect([x.length, y.length]).toEqual([5 * 60, 5]);
      indicesOf(x).forEach((index, b) => {
        seen.push(index);
        expect(y[b]).toBe(index % 7);
        const expected = samples().data.subarray(index * 60, (index + 1) * 60);
        expected.forEach((value, i) => {
          expect(x[b * 60 + i]).toBe(Math.fround((value - 100) / 50));
        });
      });
    }
    expect(new Set(seen).size).toBe(20);
  });

  it('shuffles anew each epoch and leaves out different examples', () => {
    const source = new BatchSource(options());
    const epochs = [0, 1, 2, 3, 4, 5].map((epoch) =>
      [0, 1, 2, 3].flatMap((i) => indicesOf(source.make(epoch * 4 + i).x)),
    );
    expect(new Set(epochs.map(String)).size).toBe(6);
    expect(new Set(epochs.flat()).size).toBe(23);
  });

  it('is a pure function of seed and step: resuming anywhere gives the same batches', () => {
    const augmentation: Augmentation = { flip: true, shift: 2, noise: 0.2 };
    const whole = new BatchSource(options({ augmentation }));
    const straight = Array.from({ length: 12 }, (_, step) => whole.make(step));
    for (const first of [11, 5, 0, 7]) {
      const resumed = new BatchSource(options({ augmentation }));
      for (let step = first; step < 12; step++) {
        expect(resumed.make(step)).toEqual(straight[step]);
      }
    }
    const other = new BatchSource(options({ augmentation, seed: 12 }));
    expect(other.make(0)).not.toEqual(straight[0]);
  });

  it('lowers the batch size to the number of examples', () => {
    const source = new BatchSource(options({ batchSize: 100 }));
    expect([source.batchSize, source.stepsPerEpoch]).toEqual([23, 1]);
    expect(source.make(3).y.length).toBe(23);
  });

  it.each([-1, 0.5, NaN])('refuses step %s', (step) => {
    expect(() => new BatchSource(options()).make(step)).toThrow('no batch for step');
  });

  it.each([0, -3, 1.5])('refuses batch size %s', (batchSize) => {
    expect(() => new BatchSource(options({ batchSize }))).toThrow(`batch size ${batchSize}`);
  });
});

describe('augmentation', () => {
  const plain = (): Float32Array[] => {
    const all = sliceBatch(samples(), NORMALIZATION, 0, 23).x;
    return Array.from({ length: 23 }, (_, i) => all.slice(i * 60, (i + 1) * 60));
  };
  const epochOf = (augmentation: Augmentation, epochs: number): Float32Array[] => {
    const source = new BatchSource(options({ augmentation, batchSize: 23 }));
    return Array.from({ length: epochs }, (_, step) => source.make(step).x);
  };
  /** Reference, one pixel at a time: the mirrored (or not) picture, moved, mean outside. */
  const moved = (picture: Float32Array, mirror: boolean, dy: number, dx: number): number[] => {
    const out: number[] = [];
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 5; column++) {
        for (let c = 0; c < 3; c++) {
          const [fromRow, fromColumn] = [row - dy, column - dx];
          const inside = fromRow >= 0 && fromRow < 4 && fromColumn >= 0 && fromColumn < 5;
          const at = mirror ? 4 - fromColumn : fromColumn;
          out.push(inside ? picture[(fromRow * 5 + at) * 3 + c]! : 0);
        }
      }
    }
    return out;
  };

  it('flips about half of the images and nothing else', () => {
    const candidates = new Map<string, string>();
    plain().forEach((picture, i) => {
      candidates.set(String(moved(picture, false, 0, 0)), `plain ${i}`);
      candidates.set(String(moved(picture, true, 0, 0)), `mirrored ${i}`);
    });
    let mirrored = 0;
    for (const x of epochOf({ flip: true, shift: 0, noise: 0 }, 20)) {
      for (let b = 0; b < 23; b++) {
        const found = candidates.get(String(Array.from(x.subarray(b * 60, (b + 1) * 60))));
        expect(found).toBeDefined();
        if (found?.startsWith('mirrored') === true) mirrored++;
      }
    }
    expect(mirrored / (20 * 23)).toBeGreaterThan(0.42);
    expect(mirrored / (20 * 23)).toBeLessThan(0.58);
  });

  it('shifts by every distance up to the limit, filling with the mean, also together with flips', () => {
    const candidates = new Map<string, string>();
    for (const picture of plain()) {
      for (const mirror of [false, true]) {
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            candidates.set(String(moved(picture, mirror, dy, dx)), `${mirror} ${dy} ${dx}`);
          }
        }
      }
    }
    const seen = new Set<string>();
    for (const x of epochOf({ flip: true, shift: 1, noise: 0 }, 20)) {
      for (let b = 0; b < 23; b++) {
        const found = candidates.get(String(Array.from(x.subarray(b * 60, (b + 1) * 60))));
        expect(found).toBeDefined();
        seen.add(found ?? '');
      }
    }
    expect(seen.size).toBe(18);
  });

  it('adds noise of the given deviation and mean zero, different for every example and epoch', () => {
    const still = new BatchSource(options({ batchSize: 23 }));
    const noisy = epochOf({ flip: false, shift: 0, noise: 0.3 }, 10);
    let sum = 0;
    let squares = 0;
    noisy.forEach((x, step) => {
      const reference = still.make(step).x;
      x.forEach((value, i) => {
        sum += value - reference[i]!;
        squares += (value - reference[i]!) ** 2;
      });
    });
    const n = 10 * 23 * 60;
    expect(Math.abs(sum / n)).toBeLessThan(0.012);
    expect(Math.sqrt(squares / n)).toBeCloseTo(0.3, 1);
  });

  it('survives a shift larger than the image', () => {
    const [x] = epochOf({ flip: false, shift: 50, noise: 0 }, 1);
    expect(x?.every(Number.isFinite)).toBe(true);
  });
});

describe('evaluationBatches', () => {
  it('gives every example once, in order, the last batch smaller', () => {
    const batches = [...evaluationBatches(samples(), NORMALIZATION, 10)];
    expect(batches.map((batch) => batch.y.length)).toEqual([10, 10, 3]);
    expect(batches.flatMap((batch) => indicesOf(batch.x))).toEqual([...Array(23).keys()]);
  });
});

describe('measureNormalization', () => {
  it('uses one whole grey level and one deviation for images', () => {
    const data = Uint8Array.of(10, 20, 30, 41, 0, 255);
    const { kind, mean, std } = measureNormalization({
      count: 2,
      shape: [1, 1, 3],
      data,
      targets: Float32Array.of(0, 1),
    });
    const average = data.reduce((a, b) => a + b) / 6;
    expect([kind, mean]).toEqual(['uint8', [Math.round(average)]]);
    expect(std).toHaveLength(1);
    expect(std[0]).toBeCloseTo(Math.sqrt(data.reduce((s, v) => s + (v - average) ** 2, 0) / 6), 10);
  });

  it('measures float data per channel and leaves a constant channel alone', () => {
    const data = Float32Array.of(1, 7, -2, 7, 4, 7);
    const targets = Float32Array.of(0, 1, 2);
    const { kind, mean, std } = measureNormalization({ count: 3, shape: [1, 1, 2], data, targets });
    expect([kind, mean, std[1]]).toEqual(['float', [1, 7], 1]);
    expect(std[0]).toBeCloseTo(Math.sqrt(6), 10);
  });

  it('refuses a training set of one grey', () => {
    const data = new Uint8Array(12).fill(7);
    const targets = new Float32Array(4);
    expect(() => measureNormalization({ count: 4, shape: [1, 1, 3], data, targets })).toThrow(
      'every byte of the training set is 7; there is nothing to learn from',
    );
  });
});
