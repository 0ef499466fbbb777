import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchSource, type BatchOptions } from '../../../src/core/dataset/batches';
import { allocateBytes } from '../../../src/core/dataset/memory';
import { PrefetchingBatches } from '../../../src/core/dataset/prefetch';
import { createRandom } from '../../../src/core/util/random';

function options(shared: boolean): BatchOptions {
  const random = createRandom(5);
  const count = 37;
  const data = shared ? allocateBytes(count * 5 * 4 * 3) : new Uint8Array(count * 5 * 4 * 3);
  for (let i = 0; i < data.length; i++) data[i] = random.int(256);
  return {
    samples: {
      count,
      shape: [5, 4, 3],
      data,
      targets: Float32Array.from({ length: count }, () => random.int(10)),
    },
    normalization: { kind: 'uint8', mean: [120], std: [61.5] },
    augmentation: { flip: true, shift: 2, noise: 0.1 },
    batchSize: 8,
    seed: 3,
  };
}

const open: PrefetchingBatches[] = [];
function prefetch(...args: ConstructorParameters<typeof PrefetchingBatches>): PrefetchingBatches {
  const batches = new PrefetchingBatches(...args);
  open.push(batches);
  return batches;
}
afterEach(async () => {
  for (const batches of open.splice(0)) await batches.close();
});

describe('PrefetchingBatches', () => {
  it.each([true, false])(
    'equals the in-thread maker byte for byte (shared memory: %s)',
    async (shared) => {
      const source = new BatchSource(options(shared));
      const batches = prefetch(options(shared));
      expect(batches.stepsPerEpoch).toBe(4);
      // In order over three epochs, then jumps back, far ahead and repeated.
      const steps = [...Array(13).keys(), 2, 1000, 1001, 3, 3, 4];
      for (const step of steps) {
        const made = await batches.at(step);
        const expected = source.make(step);
        expect(Buffer.from(made.x.buffer).equals(Buffer.from(expected.x.buffer))).toBe(true);
        expect(made.y).toEqual(expected.y);
      }
    },
  );

  it('answers several callers at once', async () => {
    const source = new BatchSource(options(true));
    const batches = prefetch(options(true));
    for (let round = 0; round < 3; round++) {
      const steps = [0, 1, 2, 50, 7, 50];
      const made = await Promise.all(steps.map((step) => batches.at(step)));
      made.forEach((batch, i) => expect(batch).toEqual(source.make(steps[i]!)));
    }
  });

  it('rejects when the thread dies, now and later, with the cause', async () => {
    const batches = prefetch(options(true), () =>
      Promise.resolve(
        new Worker(
          `require('worker_threads').parentPort.on('message', () => { throw new Error('out of luck') })`,
          { eval: true },
        ),
      ),
    );
    const message = 'the thread that prepares batches has ended: out of luck';
    await expect(batches.at(0)).rejects.toThrow(message);
    await expect(batches.at(1)).rejects.toThrow(message);
  });

  it('rejects when the thread exits without a word', async () => {
    const batches = prefetch(options(true), () =>
      Promise.resolve(new Worker('process.exit(3)', { eval: true })),
    );
    await expect(batches.at(0)).rejects.toThrow('has ended: it exited with code 3');
  });

  it('rejects when the thread cannot be started', async () => {
    const batches = prefetch(options(true), () => Promise.reject(new Error('no such file')));
    await expect(batches.at(0)).rejects.toThrow('no such file');
  });

  it('rejects what is pending or asked for after close', async () => {
    const batches = prefetch(options(true));
    await batches.at(0);
    const pending = expect(batches.at(500)).rejects.toThrow('closed');
    await batches.close();
    await pending;
    await expect(batches.at(1)).rejects.toThrow('closed');
    await batches.close();
  });

  it('refuses bad options at once', () => {
    expect(() => new PrefetchingBatches({ ...options(true), batchSize: 0 })).toThrow(
      'batch size 0',
    );
  });
});
