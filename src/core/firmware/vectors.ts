/** Inputs of the network and what it must answer, by the exact integer executor: what self-test and verification run. */
import { UserError } from '../util/errors';

export interface Vectors {
  /** int8 codes of the input tensor, H·W·C each. */
  readonly inputs: readonly Int8Array[];
  /** int8 codes of the output tensor, one for each input. */
  readonly outputs: readonly Int8Array[];
  /** Of networks that run along a stream: what consecutive steps bring, and what they give, from the stream's beginning. */
  readonly stream?: StreamVectors;
  /** With a front end: the samples that each input is made of. */
  readonly raw?: readonly Int16Array[];
}

export interface StreamVectors {
  readonly inputs: readonly Int8Array[];
  /** One for each; undefined while the first window is not full. */
  readonly outputs: readonly (Int8Array | undefined)[];
  readonly recorded?: RecordedSteps;
}

/** A stream behind a front end. */
export interface RecordedSteps {
  /** By which each step moves on, behind silence in front of the first one's window. */
  readonly samples: readonly Int16Array[];
  /** They are the first so many of `Vectors.raw`, one after the other and from the beginning again. */
  readonly recordings: number;
}

/** How many values an example has. */
export interface VectorSizes {
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Raw ones; undefined without a front end. */
  readonly samples?: number;
}

/** Throws UserError when inputs and outputs do not pair up or have other sizes than the network's. */
export function checkVectors(vectors: Vectors, sizes: VectorSizes): void {
  const { inputs, outputs, raw } = vectors;
  if (inputs.length !== outputs.length) {
    throw new UserError(`${inputs.length} test inputs, but ${outputs.length} outputs.`);
  }
  if (raw === undefined ? sizes.samples !== undefined : raw.length !== inputs.length) {
    throw new UserError(
      `${inputs.length} test inputs, but the raw samples of ${raw?.length ?? 0}; the front end is verified with them.`,
    );
  }
  const check = (
    what: string,
    values: readonly { readonly length: number }[],
    bytes: number,
  ): void => {
    const wrong = values.findIndex((value) => value.length !== bytes);
    if (wrong < 0) return;
    throw new UserError(
      `Test ${what} ${wrong} has ${values[wrong]!.length} values instead of ${bytes}.`,
    );
  };
  check('input', inputs, sizes.inputBytes);
  check('output', outputs, sizes.outputBytes);
  check('recording', raw ?? [], sizes.samples ?? 0);
}
