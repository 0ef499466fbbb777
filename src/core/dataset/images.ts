/** Format `images`: the pictures of class folders, JPEG or PNG. */
import { UserError } from '../util/errors';
import { canConvert, convertPixels } from './channels';
import type { ClassFolder } from './class-folders';
import type { Samples } from './dataset';
import { readPicture } from './image-file';
import { allocateBytes } from './memory';
import { breathe } from './progress';
import type { Shape } from '../ops/shape';

const CHUNK = 256;

/**
 * Decodes the pictures at `indices` into one array [indices, height, width, channels] of uint8.
 * @param report called about every 256 pictures with the number done
 */
export async function readImageFolder(
  source: ClassFolder,
  indices: Uint32Array,
  shape: Shape,
  report: (done: number, total: number) => void,
): Promise<Samples> {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const data = allocateBytes(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const file = source.files[indices[i]!]!;
    const picture = await readPicture(file, { width, height });
    if (!canConvert(picture.channels, channels)) {
      throw new UserError(
        `the image has ${picture.channels} channels but model.input says ${channels}; images give 1 (grey) or 3 (RGB)`,
        { file },
      );
    }
    convertPixels(picture.data, picture.channels, data, i * size, channels, height * width);
    if ((i + 1) % CHUNK === 0) {
      report(i + 1, indices.length);
      await breathe();
    }
  }
  report(indices.length, indices.length);
  const labelled = source.classNames.length > 0;
  const targets = Float32Array.from(labelled ? indices : [], (index) => source.labels[index]!);
  return { count: indices.length, shape, data, targets };
}
