/** What mends a config that says of its model file what the file does not bear out. */
import type { ConfigDocument } from '../config/document';
import type { Problem } from '../config/problem';
import type { Fix } from './advice';
import { setFix } from './edits';

export function modelFileFixes(
  { path }: Pick<Problem, 'path'>,
  document: ConfigDocument,
  text: string,
): Fix[] {
  const [section, key] = path;
  if (section !== 'model' || !document.has(['model', 'file'])) return [];
  if (key === 'use') {
    return [
      setFix(text, path, 'quantize', 'Quantise it to int8 here: set model.use to "quantize"'),
      setFix(text, path, 'fit', 'Make it fit, by training: set model.use to "fit"'),
    ];
  }
  // The network of the file tells these itself.
  const removable = ['input', 'classes', 'architecture', 'layers', 'width'];
  return typeof key === 'string' && removable.includes(key)
    ? [setFix(text, path, undefined, `Take ${key} from the file: remove model.${key}`)]
    : [];
}
