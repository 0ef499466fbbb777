/** The known examples of generated sources, read back from their self-test: what a fresh clone has to verify with. */
import { join } from 'node:path';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { readText } from '../util/read-file';
import { readManifest } from './manifest';
import type { Vectors } from './vectors';

/**
 * Inputs and outputs that `<name>_selftest.c` holds (selftest-source.ts writes it). Throws UserError where there are no sources of that
 * name, no examples in them, or tables that are not what was generated.
 */
export function readSelfTest(directory: string, name: string): Vectors {
  const manifest = readManifest(directory);
  const file = join(directory, `${name}_selftest.c`);
  if (manifest?.files[`${name}_selftest.c`] === undefined) {
    throw new UserError(
      `there are no generated sources of model '${name}' here; write them with "east generate"`,
      { file: directory },
    );
  }
  const text = readText(file, 'source');
  const table = (what: string, size?: number, least = -128, most = 127): number[][] => {
    const [, count, width, body] =
      new RegExp(`_selftest_${what}\\[(\\d+)\\]\\[([\\w *]+)\\] = \\{(.*?)\\n\\};`, 's').exec(
        text,
      ) ?? [];
    if (count === undefined || width === undefined || body === undefined) return [];
    const codes = [...body.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/-?\d+/g)].map(Number);
    const each = size ?? codes.length / Math.max(1, Number(count));
    if (
      !Number.isInteger(each) ||
      codes.length !== Number(count) * each ||
      codes.some((code) => code < least || code > most)
    ) {
      throw new UserError(
        'the examples of the self-test are damaged; write them with "east generate"',
        {
          file,
        },
      );
    }
    return Array.from({ length: Number(count) }, (_, i) => codes.slice(i * each, (i + 1) * each));
  };
  const inputs = table('inputs', manifest.inputBytes);
  const outputs = table('outputs', manifest.outputBytes);
  const { samples } = manifest;
  const raw = samples === undefined ? undefined : table('samples', samples, -32768, 32767);
  if (
    inputs.length === 0 ||
    inputs.length !== outputs.length ||
    (raw ?? inputs).length !== inputs.length
  ) {
    throw new UserError(
      'the self-test carries no examples to compare with; write the sources again with "east generate"',
      { file },
    );
  }
  const rows = (values: readonly number[][]): Int8Array[] =>
    values.map((codes) => Int8Array.from(codes));
  const steps = table('steps');
  return {
    inputs: rows(inputs),
    outputs: rows(outputs),
    ...defined({
      raw: raw?.map((values) => Int16Array.from(values)),
      stream:
        steps.length === 0
          ? undefined
          : { inputs: rows(steps), outputs: rows(table('answers', manifest.outputBytes)) },
    }),
  };
}
