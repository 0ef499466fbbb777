/** Reads what bench/golden/tflite_operators.py wrote. */
import * as v from 'valibot';

export interface OperatorCase {
  readonly file: Uint8Array;
  readonly inputs: readonly Int8Array[];
  readonly outputs: readonly Int8Array[];
}

const schema = v.object({
  cases: v.array(
    v.object({ file: v.string(), inputs: v.array(v.string()), outputs: v.array(v.string()) }),
  ),
});

export function oneOperator(json: string): OperatorCase[] {
  return v.parse(schema, JSON.parse(json)).cases.map(({ file, inputs, outputs }) => ({
    file: Uint8Array.from(Buffer.from(file, 'base64')),
    inputs: inputs.map(codes),
    outputs: outputs.map(codes),
  }));
}

function codes(base64: string): Int8Array {
  return Int8Array.from(Buffer.from(base64, 'base64'));
}
