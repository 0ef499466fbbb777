/**
 * Format `cifar10`, the binary version: records of one label byte and 3,072 pixel bytes, first the red plane of
 * 32×32, then green, then blue. Stored here interleaved, as every other image.
 */
import type { Shape } from '../ops/shape';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { convertPixels } from './channels';
import type { Samples } from './dataset';
import { allocateBytes } from './memory';
import { breathe } from './progress';
import { readContent } from './unpack';

const PIXELS = 32 * 32;
const RECORD = 1 + 3 * PIXELS;

export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/** Reads the files in order. `shape` must be 32×32×3, or 32×32×1 for luma. */
export async function readCifar10(
  files: readonly string[],
  shape: Shape,
  report: (done: number, total: number) => void,
): Promise<Samples> {
  const channels = shape[2];
  if (shape[0] !== 32 || shape[1] !== 32 || (channels !== 3 && channels !== 1)) {
    throw new UserError(
      `CIFAR-10 images are 32×32×3 but model.input says ${shape.join('×')}; use [32, 32, 3], or [32, 32, 1] for grey`,
      defined({ file: files[0] }),
    );
  }
  // Labels and pixels of one file at a time: nothing is in memory twice but the file being read.
  const parts: { data: Uint8Array; labels: Uint16Array }[] = [];
  for (const [i, file] of files.entries()) {
    parts.push(await readFile(file, channels));
    report(i + 1, files.length);
    await breathe();
  }
  const count = parts.reduce((sum, part) => sum + part.labels.length, 0);
  const data = allocateBytes(count * PIXELS * channels);
  const labels = new Uint16Array(count);
  let done = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    data.set(part.data, done * PIXELS * channels);
    labels.set(part.labels, done);
    done += part.labels.length;
  }
  return { count, shape, data, targets: Float32Array.from(labels) };
}

async function readFile(
  file: string,
  channels: number,
): Promise<{ data: Uint8Array; labels: Uint16Array }> {
  const bytes = await readContent(file);
  const count = Math.floor(bytes.length / RECORD);
  if (bytes.length === 0) throw new UserError('the file is empty', { file });
  if (bytes.length !== count * RECORD) {
    throw new UserError(
      `record ${count}, from byte ${count * RECORD}, is cut off: ${bytes.length} bytes are no multiple of ${RECORD} (one label, 32×32×3 pixels)`,
      { file },
    );
  }
  const data = new Uint8Array(count * PIXELS * channels);
  const labels = new Uint16Array(count);
  const rgb = new Uint8Array(3 * PIXELS);
  for (let i = 0; i < count; i++) {
    const at = i * RECORD;
    const label = bytes[at]!;
    if (label > 9) {
      throw new UserError(
        `record ${i} has label ${label} at byte ${at}; CIFAR-10 labels are 0 … 9`,
        {
          file,
        },
      );
    }
    labels[i] = label;
    for (let p = 0; p < PIXELS; p++) {
      for (let c = 0; c < 3; c++) rgb[3 * p + c] = bytes[at + 1 + c * PIXELS + p]!;
    }
    convertPixels(rgb, 3, data, i * PIXELS * channels, channels, PIXELS);
  }
  return { data, labels };
}
