/** What either operand of a difference is multiplied with, the layer's first one first. */
import type { SubLayer } from './graph';

export function signsOf({ reversed }: SubLayer): readonly [number, number] {
  return reversed === true ? [-1, 1] : [1, -1];
}
