/** Model files read for the editor, in a thread. */
import { copyFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelFile } from '../../../src/core/models/read-model-file';
import { readModel } from '../../../src/worker/read-model';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();
const FIXTURE = resolve('test/fixtures/models/tflite/cnn-int8.tflite');
const never = new AbortController().signal;

describe('reading a model file', () => {
  it('tells what it holds', async () => {
    const file = join(scratch(), 'net.tflite');
    copyFileSync(FIXTURE, file);
    expect(await readModel(file, resolve(file, '..'), never)).toEqual(await readModelFile(file));
  });

  it('ends when it is not wanted any more', async () => {
    const file = join(scratch(), 'net.tflite');
    copyFileSync(FIXTURE, file);
    const stop = new AbortController();
    const reading = readModel(file, resolve(file, '..'), stop.signal);
    stop.abort(new Error('not wanted'));
    await expect(reading).rejects.toThrow('not wanted');
  });

  it('reads nothing outside the workspace, behind links either', async () => {
    const [folder, outside] = [scratch(), scratch()];
    await expect(readModel(FIXTURE, folder, never)).rejects.toThrow(/leads out of/);
    copyFileSync(FIXTURE, join(outside, 'net.tflite'));
    symlinkSync(join(outside, 'net.tflite'), join(folder, 'net.tflite'));
    await expect(readModel(join(folder, 'net.tflite'), folder, never)).rejects.toThrow(
      /outside the workspace folder/,
    );
  });
});
