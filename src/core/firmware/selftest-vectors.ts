/** The known examples of generated sources, read back from their self-test: what a fresh clone has to verify with. */
import { join } from 'node:path';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { readText } from '../util/read-file';
import { readManifest } from './manifest';
import { cutRecordings } from './stream-vectors';
import type { RecordedSteps, Vectors } from './vectors';

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
  const recordings = Number(/\bRECORDINGS = (\d+)/.exec(text)?.[1] ?? 0);
  const recorded =
    raw === undefined || recordings === 0
      ? undefined
      : recordedSteps(directory, name, rows16(raw).slice(0, recordings), steps.length);
  return {
    inputs: rows(inputs),
    outputs: rows(outputs),
    ...defined({
      raw: raw && rows16(raw),
      stream:
        steps.length === 0
          ? undefined
          : {
              inputs: rows(steps),
              outputs: rows(table('answers', manifest.outputBytes)),
              ...defined({ recorded }),
            },
    }),
  };
}

function rows16(values: readonly number[][]): Int16Array[] {
  return values.map((samples) => Int16Array.from(samples));
}

/** The samples of a stream's steps: the self-test has those of whole examples, the header how many a step takes of them. */
function recordedSteps(
  directory: string,
  name: string,
  raw: readonly Int16Array[],
  steps: number,
): RecordedSteps {
  const file = join(directory, `${name}_model.h`);
  const header = readText(file, 'source');
  const size = ['STEP', 'HOP_SAMPLES', 'SAMPLE_CHANNELS'].reduce((product, macro) => {
    const value = new RegExp(`^#define ${name.toUpperCase()}_${macro} (\\d+)$`, 'm').exec(
      header,
    )?.[1];
    return product * Number(value ?? 0);
  }, 1);
  if (size === 0 || raw.length === 0) {
    throw new UserError(
      'the header does not say how many samples a step takes; write the sources with "east generate"',
      { file },
    );
  }
  return { samples: cutRecordings(raw, size, steps), recordings: raw.length };
}
