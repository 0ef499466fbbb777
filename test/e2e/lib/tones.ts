// Sounds that a network learns to tell apart in seconds: tones of a pitch each, with noise, drawn by a fixed seed.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRandom } from '../../../src/core/util/random';
import { wav } from '../../unit/dataset/files-for-tests';

const SAMPLE_RATE = 8000;
const SECONDS = 0.5;

export interface Tones {
  /** Relative to the workspace folder; the class is its last part. */
  readonly folder: string;
  readonly hertz: number;
  readonly count: number;
}

export async function drawTones(root: string, all: readonly Tones[]): Promise<void> {
  const random = createRandom(7);
  for (const { folder, hertz, count } of all) {
    const where = path.join(root, folder);
    await mkdir(where, { recursive: true });
    for (let i = 0; i < count; i++) {
      const pitch = hertz * (0.95 + 0.1 * random.next());
      const samples = Float64Array.from(
        { length: SAMPLE_RATE * SECONDS },
        (_, t) => 0.4 * Math.sin((2 * Math.PI * pitch * t) / SAMPLE_RATE) + 0.03 * random.normal(),
      );
      const name = `${String(i).padStart(3, '0')}.wav`;
      await writeFile(path.join(where, name), wav(samples, { sampleRate: SAMPLE_RATE }));
    }
  }
}
