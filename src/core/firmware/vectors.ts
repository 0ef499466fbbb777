/** Inputs of the network and what it must answer, by the exact integer executor: what self-test and verification run. */
import { UserError } from '../util/errors';

export interface Vectors {
  /** int8 codes of the input tensor, H·W·C each. */
  readonly inputs: readonly Int8Array[];
  /** int8 codes of the output tensor, one for each input. */
  readonly outputs: readonly Int8Array[];
  /** Of networks that run along a stream: what consecutive steps bring, and what they give, from the stream's beginning. */
  readonly stream?: StreamVectors;
}

export interface StreamVectors {
  readonly inputs: readonly Int8Array[];
  /** One for each; undefined while the first window is not full. */
  readonly outputs: readonly (Int8Array | undefined)[];
}

/** Throws UserError when inputs and outputs do not pair up or have other sizes than the network's. */
export function checkVectors(vectors: Vectors, inputBytes: number, outputBytes: number): void {
  const { inputs, outputs } = vectors;
  if (inputs.length !== outputs.length) {
    throw new UserError(`${inputs.length} test inputs, but ${outputs.length} outputs.`);
  }
  const check = (what: string, values: readonly Int8Array[], bytes: number): void => {
    const wrong = values.findIndex((value) => value.length !== bytes);
    if (wrong < 0) return;
    throw new UserError(
      `Test ${what} ${wrong} has ${values[wrong]!.length} values instead of ${bytes}.`,
    );
  };
  check('input', inputs, inputBytes);
  check('output', outputs, outputBytes);
}
