/** A quantised model as it is stored: encoded, within what decoding may take, in the least RAM that costs next to no bytes. */
import type { LayerCodings } from '../codecs/coding';
import type { BudgetConfig } from '../config/config';
import { encodeModel } from '../firmware/encode-model';
import type { EncodedModel } from '../firmware/encoded-model';
import type { MemoryPlan } from '../firmware/memory-plan';
import type { Target } from '../firmware/targets/target';
import type { Graph } from '../graph/graph';
import type { QuantizedModel } from '../quant/model';
import { limitDecoding } from './limit-decoding';
import { inSmallerTiles } from './smaller-tiles';

/** What a model is stored for; sizes are bytes. */
export interface StorageLimits {
  readonly target: Target;
  /** As it is deployed. */
  readonly graph: Graph;
  /** Share of an inference; undefined: no limit. */
  readonly decode: BudgetConfig['decode'];
  /** Undefined: no limit. */
  readonly blobBudget: number | undefined;
}

/** @param memory the plan for `graph` that the weights are cut by, unless smaller tiles save RAM */
export function storeModel(
  model: QuantizedModel,
  codings: LayerCodings,
  memory: MemoryPlan,
  { target, graph, decode, blobBudget }: StorageLimits,
): EncodedModel {
  const encode = (tiles: MemoryPlan): EncodedModel =>
    limitDecoding(encodeModel(model, tiles, codings), target, decode, blobBudget, graph);
  return inSmallerTiles(encode(memory), memory, graph, blobBudget, target, encode);
}
