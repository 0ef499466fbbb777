/** What mends a config that names no model file there is, or says of it what the file does not bear out. */
import { dirname, relative } from 'node:path';
import type { ConfigDocument } from '../config/document';
import type { Problem } from '../config/problem';
import { withSlashes } from '../config/glob';
import { isRecord } from '../util/is-record';
import type { Fix } from './advice';
import { setFix } from './edits';
import type { Facts } from './facts';

export interface AboutProblem {
  readonly document: ConfigDocument;
  readonly text: string;
  /** Path of the config. */
  readonly file: string;
  readonly facts: Facts;
}

export function modelFileFixes(
  { path }: Pick<Problem, 'path'>,
  { document, text, file, facts }: AboutProblem,
): Fix[] {
  const [section, key] = path;
  if (section !== 'model' || !document.has(['model', 'file'])) return [];
  if (key === 'use') {
    return [
      useIn(document) === 'quantize'
        ? setFix(text, path, 'as-is', 'Keep its codes: set model.use to "as-is"')
        : setFix(text, path, 'quantize', 'Quantise it to int8 here: set model.use to "quantize"'),
      setFix(text, path, 'fit', 'Make it fit, by training: set model.use to "fit"'),
    ];
  }
  if (key === 'file') return fileFixes(text, file, facts);
  // The network of the file tells these itself.
  const removable = ['input', 'classes', 'architecture', 'layers', 'width'];
  return typeof key === 'string' && removable.includes(key)
    ? [setFix(text, path, undefined, `Take ${key} from the file: remove model.${key}`)]
    : [];
}

function useIn({ value }: ConfigDocument): unknown {
  const model = isRecord(value) ? value['model'] : undefined;
  return isRecord(model) ? model['use'] : undefined;
}

/** Another file in the place of one that is not there; of one that cannot be computed what can be changed in it. */
function fileFixes(text: string, file: string, { model }: Facts): Fix[] {
  if (model === undefined || !('problem' in model)) return [];
  const { instead, severity } = model.problem;
  if (severity === 'warning') return [];
  if (instead === undefined) {
    return [
      {
        kind: 'command',
        title: 'Show what can be read, and what to change in a network',
        command: 'showModelHelp',
      },
    ];
  }
  return instead.map((other) => {
    const written = withSlashes(relative(dirname(file), other));
    return setFix(text, ['model', 'file'], written, `Take ${written}`);
  });
}
