/** The memory plan of a network whose weights are encoded: what no tile needs is not kept in the arena. */
import type { EncodedModel } from '../firmware/encoded-model';
import { decodeBuffers } from '../firmware/encoded-model';
import type { MemoryPlan } from '../firmware/memory-plan';
import { compactPlan } from './memory';

/**
 * @param plan what `encoded` was cut into tiles by
 * @returns the same tiles; RAM is at most the plan's
 */
export function encodedPlan(encoded: EncodedModel, plan: MemoryPlan): MemoryPlan {
  return compactPlan(encoded.model.graph, plan, decodeBuffers(encoded));
}
