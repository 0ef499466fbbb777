/** Which files hold a network, by their names alone. */

/** Ends of the names, in lower case, of each format that model-files.ts reads. */
export const FILE_ENDINGS = {
  tflite: ['.tflite'],
  keras: ['.keras', '.h5', '.hdf5'],
  tfjs: ['model.json'],
  onnx: ['.onnx'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FileFormatName = keyof typeof FILE_ENDINGS;

/** Of all formats. */
export function modelFileEndings(): string[] {
  return Object.values(FILE_ENDINGS).flat();
}

/** undefined where the name ends in none that is known. */
export function formatByName(file: string): FileFormatName | undefined {
  const name = file.toLowerCase();
  const isFormat = (key: string): key is FileFormatName => Object.hasOwn(FILE_ENDINGS, key);
  return Object.keys(FILE_ENDINGS)
    .filter(isFormat)
    .find((format) => FILE_ENDINGS[format].some((ending) => name.endsWith(ending)));
}
