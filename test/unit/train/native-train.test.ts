/** Whole trainings with the native engine: the same bytes twice and after a resume, and only with as many threads. */
import { describe, expect, it } from 'vitest';
import { train } from '../../../src/core/train/loop/train';
import { valueAt } from '../../../src/core/tasks/measurement';
import { nativeForTests } from '../train-kernels/native-for-tests';
import { bytesOf, finished, job, stoppedAt } from './toy-job';

const native = await nativeForTests(2);

describe.skipIf(!native)('training with the native engine', () => {
  it('learns, and gives the same bytes twice', async () => {
    const [a, b] = [
      finished(await train(job(native!, 'east'))),
      finished(await train(job(native!, 'east'))),
    ];
    expect(valueAt(a.measured, 'fitted')).toBeGreaterThan(0.75);
    expect(bytesOf(a.model).equals(bytesOf(b.model))).toBe(true);
  });

  it('stopped and resumed ends in the same bytes', async () => {
    const whole = bytesOf(finished(await train(job(native!, 'east'))).model);
    // In the float phase, at its end, among the mask searches, after the freeze.
    for (const stopAt of [14, 45, 60, 100]) {
      const saved = await stoppedAt(stopAt, (changes) => job(native!, 'east', changes));
      const resumed = finished(await train(job(native!, 'east', { snapshot: saved })));
      expect(bytesOf(resumed.model).equals(whole), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('keeps the number of threads with the checkpoint, and refuses another', async () => {
    const saved = await stoppedAt(3, (changes) => job(native!, 'east', changes));
    expect(saved.meta).toMatchObject({ engine: 'native', threads: 2 });
    await expect(
      train(job({ ...native!, threads: 3 }, 'east', { snapshot: saved })),
    ).rejects.toThrow('the run was trained with 2 thread(s) of the native engine, this is 3');
  });
});
