/**
 * How a picture must be turned to stand upright. Cameras store the pixels as the sensor lies and say in the EXIF
 * metadata how it was held (TIFF tag 274); whoever looks at the picture sees it turned, so training does, too.
 */

const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * 1 … 8 from EXIF's TIFF structure; 1, which means as stored, where it does not say.
 * @param tiff from its byte order mark on
 */
export function exifOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const value = view.getUint16(at + 8, little);
    return view.getUint16(at + 2, little) === SHORT && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** Whether height and width change places. */
export function isTurned(orientation: number): boolean {
  return orientation >= 5;
}

/**
 * The pixels as they are to be seen.
 * @param data interleaved rows as stored, `width` × `height` of `channels`
 */
export function turnUpright(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  orientation: number,
): Uint8Array {
  if (orientation === 1) return data;
  const [rows, columns] = isTurned(orientation) ? [width, height] : [height, width];
  const out = new Uint8Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [y, x] = storedAt(row, column, height, width, orientation);
      const from = (y * width + x) * channels;
      const to = (row * columns + column) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return out;
}

/** Row and column as stored of the pixel that is seen at `row`, `column`. */
function storedAt(
  row: number,
  column: number,
  height: number,
  width: number,
  orientation: number,
): readonly [number, number] {
  const [bottom, right] = [height - 1, width - 1];
  switch (orientation) {
    case 2:
      return [row, right - column];
    case 3:
      return [bottom - row, right - column];
    case 4:
      return [bottom - row, column];
    case 5:
      return [column, row];
    case 6:
      return [bottom - column, row];
    case 7:
      return [bottom - column, right - row];
    case 8:
      return [column, right - row];
    default:
      return [row, column];
  }
}
