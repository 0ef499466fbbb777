/** The queue with jobs that only wait. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { RunStore } from '../../../src/core/run/run-store';
import { RunQueue } from '../../../src/worker/run-queue';
import { resolvedConfig, scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();

it('removes the folder of a run that is taken out before it has begun, and of no other', async () => {
  const store = new RunStore(scratch());
  const job = join(store.workspace, 'job.mjs');
  writeFileSync(job, "process.on('message', () => process.exit());");
  const queue = new RunQueue(
    store,
    pathToFileURL(job),
    { onChange: () => undefined, onNote: () => undefined },
    undefined,
  );
  const [running, fresh, lost] = Array.from({ length: 3 }, () =>
    store.create(resolvedConfig(store.workspace), '{}'),
  );
  // Its log is gone; its checkpoint is not.
  mkdirSync(lost!.file('checkpoints'));
  writeFileSync(lost!.file('checkpoints/step-000000009.ckpt'), '');
  for (const run of [running, fresh, lost]) await queue.resume(run!.id, 'normal');
  expect(queue.state.queued).toEqual([fresh!.id, lost!.id]);
  for (const run of [fresh, lost]) queue.stop(run!.id);
  expect(queue.state.queued).toEqual([]);
  expect([running, fresh, lost].map((run) => existsSync(run!.path))).toEqual([true, false, true]);
  queue.close();
  rmSync(job);
});
