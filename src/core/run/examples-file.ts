/**
 * Inputs of the test set with the outputs that the chip must give: kept with a finished run, so that sources can be
 * generated and verified where the data set is not.
 */
import type { Vectors } from '../firmware/vectors';
import { UserError } from '../util/errors';
import type { Container } from './container';

export interface Examples {
  readonly vectors: Vectors;
  /** Class of each input. */
  readonly labels: Uint16Array;
}

interface ExamplesMeta {
  readonly kind: 'examples';
  readonly version: 1;
  readonly count: number;
}

export function encodeExamples({ vectors, labels }: Examples): Container {
  const meta: ExamplesMeta = {
    kind: 'examples',
    version: 1,
    count: vectors.inputs.length,
  };
  return {
    meta,
    arrays: { inputs: concat(vectors.inputs), outputs: concat(vectors.outputs), labels },
  };
}

/** Throws UserError naming `file` where the container is something else. */
export function decodeExamples({ meta, arrays }: Container, file: string): Examples {
  const { inputs, outputs, labels } = arrays;
  if (
    !isExamplesMeta(meta) ||
    !(inputs instanceof Int8Array && outputs instanceof Int8Array && labels instanceof Uint16Array)
  ) {
    throw new UserError('the file does not hold examples of this version of EAST', { file });
  }
  return {
    vectors: { inputs: split(inputs, meta.count), outputs: split(outputs, meta.count) },
    labels,
  };
}

function isExamplesMeta(meta: unknown): meta is ExamplesMeta {
  return (
    typeof meta === 'object' &&
    meta !== null &&
    'kind' in meta &&
    meta.kind === 'examples' &&
    'version' in meta &&
    meta.version === 1
  );
}

function concat(parts: readonly Int8Array[]): Int8Array {
  const all = new Int8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function split(all: Int8Array, count: number): Int8Array[] {
  const each = count === 0 ? 0 : all.length / count;
  return Array.from({ length: count }, (_, i) => all.slice(i * each, (i + 1) * each));
}
