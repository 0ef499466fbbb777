/** Recordings of noise that training windows are mixed with. */
import path from 'node:path';
import { UserError } from '../util/errors';
import { isOf, SOUNDS } from './class-folders';
import { confine } from './files';
import { listFolder } from './list-folder';
import { readSound } from './sound';

/** Together, of int16: 512 MiB. They are all in memory while windows are made. */
const MOST_SAMPLES = 1 << 28;

/** The sound files that lie in a folder, by their names. Throws UserError where there are none. */
export async function listSounds(
  folder: string,
  key: string,
  workspace: string,
): Promise<string[]> {
  confine(folder, key, workspace);
  const { files } = await listFolder(folder, workspace);
  const sounds = files.filter((name) => isOf(SOUNDS, name)).map((name) => path.join(folder, name));
  if (sounds.length > 0) return sounds;
  throw new UserError(`${key}: there is no .wav file in this folder, or no such folder`, {
    file: folder,
  });
}

/** Each [samples, channels]. */
export async function readBackground(
  folder: string,
  wanted: { readonly sampleRate: number; readonly channels: number },
  workspace: string,
): Promise<Int16Array[]> {
  const key = 'dataset.background.folder';
  const recordings: Int16Array[] = [];
  let total = 0;
  for (const file of await listSounds(folder, key, workspace)) {
    const { data, facts } = await readSound(file, wanted);
    if (facts.silent) throw new UserError(`${key}: this file is silent; remove it`, { file });
    total += data.length;
    if (total > MOST_SAMPLES) {
      throw new UserError(
        `${key}: the recordings of noise have more than ${MOST_SAMPLES} samples; an hour is plenty`,
        { file },
      );
    }
    recordings.push(data);
  }
  return recordings;
}
