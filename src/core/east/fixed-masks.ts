/** The baselines' choices, which know nothing of the codec: single symbols, and groups of a fixed length. */
import type { LayerMask } from './selection';

/** Prunes the symbols whose saliency is below the multiplier (unstructured magnitude pruning). */
export const magnitudeMask: LayerMask = ({ saliency }, lambda) => {
  const mask = new Uint8Array(saliency.length);
  for (let i = 0; i < mask.length; i++) mask[i] = saliency[i]! < lambda ? 0 : 1;
  return mask;
};

/**
 * Prunes aligned groups of `group` consecutive symbols whose mean saliency is below the multiplier. The last group of
 * a tile may be shorter; no group crosses a tile.
 */
export function groupMask(group: number): LayerMask {
  return ({ saliency, tileSymbols }, lambda) => {
    const mask = new Uint8Array(saliency.length).fill(1);
    let tileEnd = 0;
    for (const length of tileSymbols) {
      const tileStart = tileEnd;
      tileEnd += length;
      for (let start = tileStart; start < tileEnd; start += group) {
        const end = Math.min(start + group, tileEnd);
        let sum = 0;
        for (let i = start; i < end; i++) sum += saliency[i]!;
        if (sum < lambda * (end - start)) mask.fill(0, start, end);
      }
    }
    return mask;
  };
}
