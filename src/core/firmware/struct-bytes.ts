/**
 * Bytes that the structs of the C runtime take on a target: what its compiler says (measure-structs.ts), committed beside the
 * sizes of code, so that no number is kept by hand.
 */
import type { Target } from './targets/target';

export function structBytes(name: string, { codeSizes }: Pick<Target, 'codeSizes'>): number {
  const bytes = codeSizes.structs[name];
  if (bytes === undefined) throw new Error(`The size of struct ${name} is unknown.`);
  return bytes;
}
