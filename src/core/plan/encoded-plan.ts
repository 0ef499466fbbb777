/** The memory plan of a network whose weights are encoded: what no tile needs is not kept in the arena. */
import type { EncodedModel } from '../firmware/encoded-model';
import { decodeBuffers } from '../firmware/encoded-model';
import type { MemoryPlan } from '../firmware/memory-plan';
import { compactPlan } from './memory';

/**
 * @param plan of the network as it is deployed; where it was cut into other tiles than `encoded`, those of `encoded` count
 * @returns with the tiles of `encoded`; where they are the plan's, RAM is at most the plan's
 */
export function encodedPlan(encoded: EncodedModel, plan: MemoryPlan): MemoryPlan {
  const tileWeights = Object.fromEntries(
    encoded.layers.map(({ name, tiles }) => [name, tiles.map(({ weights }) => weights)]),
  );
  const { stream } = plan;
  const cut: MemoryPlan = {
    ...plan,
    tileWeights,
    ...(stream && { stream: { ...stream, window: { ...stream.window, tileWeights } } }),
  };
  return compactPlan(encoded.model.graph, cut, decodeBuffers(encoded));
}
