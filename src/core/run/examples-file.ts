/**
 * Inputs of the test set with the outputs that the chip must give: kept with a finished run, so that sources can be
 * generated and verified where the data set is not.
 */
import * as v from 'valibot';
import type { Vectors } from '../firmware/vectors';
import { UserError } from '../util/errors';
import { checkStored, count, type Every } from '../util/stored';
import type { Container } from './container';
import { defined, ifDefined } from '../util/defined';

export interface Examples {
  readonly vectors: Vectors;
  /** The numbers that go with each input in the data set, row by row; none where the inputs are of no data set. */
  readonly targets: Float32Array;
}

interface ExamplesMeta {
  readonly kind: 'examples';
  readonly version: 1;
  readonly count: number;
}

export function encodeExamples({ vectors, targets }: Examples): Container {
  const meta: ExamplesMeta = {
    kind: 'examples',
    version: 1,
    count: vectors.inputs.length,
  };
  return {
    meta,
    arrays: {
      inputs: concat(Int8Array, vectors.inputs),
      outputs: concat(Int8Array, vectors.outputs),
      targets,
      ...defined({ raw: ifDefined(vectors.raw, (raw) => concat(Int16Array, raw)) }),
    },
  };
}

const metaSchema: v.GenericSchema<unknown, ExamplesMeta> = v.object({
  kind: v.literal('examples'),
  version: v.literal(1),
  count,
} satisfies Every<ExamplesMeta>);

/** Throws UserError naming `file`, and the field in it, where the container is something else. */
export function decodeExamples({ meta, arrays }: Container, file: string): Examples {
  const damaged = (problem: string): UserError =>
    new UserError(`the examples are damaged, or of another version of EAST (${problem})`, { file });
  const checked = checkStored(metaSchema, meta);
  if ('problem' in checked) throw damaged(checked.problem);
  const examples = checked.value.count;
  const { inputs, outputs, targets, raw } = arrays;
  if (!(
    inputs instanceof Int8Array &&
    outputs instanceof Int8Array &&
    targets instanceof Float32Array
  )) {
    throw damaged('an array of inputs, outputs and targets is missing');
  }
  if (raw !== undefined && !(raw instanceof Int16Array)) {
    throw damaged('raw: these are no samples');
  }
  // Not so many arrays as a number says, but as many as there are values for.
  for (const [name, all] of Object.entries(defined({ inputs, outputs, targets, raw }))) {
    // Inputs that were drawn have nothing that goes with them.
    if (name === 'targets' && all.length === 0) continue;
    const whole = examples === 0 ? all.length === 0 : all.length > 0 && all.length % examples === 0;
    if (!whole) throw damaged(`${name}: ${all.length} values for ${examples} examples`);
  }
  return {
    vectors: {
      inputs: split(inputs, examples),
      outputs: split(outputs, examples),
      ...defined({ raw: ifDefined(raw, (all) => split(all, examples)) }),
    },
    targets,
  };
}

function concat<T extends Int8Array | Int16Array>(
  type: new (length: number) => T,
  parts: readonly T[],
): T {
  const all = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function split<T extends Int8Array | Int16Array>(all: T, count: number): T[];
function split(all: Int8Array | Int16Array, count: number): (Int8Array | Int16Array)[] {
  const each = count === 0 ? 0 : all.length / count;
  return Array.from({ length: count }, (_, i) => all.slice(i * each, (i + 1) * each));
}
