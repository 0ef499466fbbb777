/** Cuts a stored model's weights into smaller tiles where that saves RAM and next to no bytes of flash. */
import type { EncodedModel } from '../firmware/encoded-model';
import { computeInstructions, tilingInstructions } from '../firmware/instructions';
import type { MemoryPlan } from '../firmware/memory-plan';
import type { Target } from '../firmware/targets/target';
import type { Graph } from '../graph/graph';
import { encodedPlan } from './encoded-plan';
import { DEFAULT_DECODE_BYTES, planForTiles, withoutBuffers } from './memory';

/**
 * Of the blob, that smaller tiles may cost without a word, and that they may cost at most where each byte of it saves so many of RAM:
 * a table entry each, an end of its own, and matches across ends.
 */
const GROWTH = 0.005;
const [MOST_GROWTH, SAVED_EACH] = [0.02, 32];
/** Bytes of the largest tile, tried one after the other. */
const SIZES = [DEFAULT_DECODE_BYTES, 4096, 2048, 1024] as const;
/** Of an inference, that gathering columns for more tiles may take. */
const SLOWER = 0.02;
/** Bytes of RAM below which a change is not worth it. */
const WORTH = 128;

/**
 * What was planned for a RAM budget decodes as large tiles as the budget has room for, whether that room is of any use or not. The
 * weights stay what they are.
 *
 * @param plan that `encoded` is cut by
 * @param graph as it is deployed
 * @param blobBudget bytes; undefined: no limit
 * @param encode the same weights as `encoded`, cut by another plan
 */
export function inSmallerTiles(
  encoded: EncodedModel,
  plan: MemoryPlan,
  graph: Graph,
  blobBudget: number | undefined,
  target: Target,
  encode: (plan: MemoryPlan) => EncodedModel,
): EncodedModel {
  const bytes = encoded.blob.length;
  const most = Math.min(blobBudget ?? Infinity, bytes * (1 + MOST_GROWTH));
  const slowest = tilingInstructions(encoded, target) + SLOWER * computeInstructions(graph, target);
  let best = { encoded, ram: encodedPlan(encoded, plan).ram.total };
  // Nothing takes less than the activations.
  if (best.ram - withoutBuffers(encoded.model.graph, plan).total < WORTH) return encoded;
  for (const size of SIZES) {
    const smaller = planForTiles(graph, size);
    const next = encode(smaller);
    const { total: ram } = encodedPlan(next, smaller).ram;
    const saved = best.ram - ram;
    const grown = next.blob.length - best.encoded.blob.length;
    const cheap = next.blob.length <= bytes * (1 + GROWTH) || saved >= SAVED_EACH * grown;
    if (next.blob.length > most || !cheap || saved < WORTH) continue;
    if (tilingInstructions(next, target) <= slowest) best = { encoded: next, ram };
  }
  return best.encoded;
}
