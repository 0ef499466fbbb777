/** Flash of a model, by section: computed here and nowhere else, equal to what the compiled objects hold. */
import type { Graph } from '../graph/graph';
import type { WeightFormat } from '../formats/formats';
import type { CodeSize } from '../firmware/code-table';
import { codeWith } from '../firmware/code-table';
import { biasBytes, tableBytes } from '../firmware/constant-tables';
import type { EncodedModel, MemoryPlan } from '../firmware/encoded-model';
import { formatsOf } from '../firmware/encoded-model';

/** Bytes. */
export interface FlashUsage {
  /** The blob: header, tile table, blocks. */
  readonly weights: number;
  readonly biases: number;
  /** Multipliers, shifts and the structure of the network. */
  readonly tables: number;
  readonly code: number;
  readonly codeSource: 'measured' | 'table';
  readonly total: number;
}

/** @param counted code for at least the model's formats; what unpacks others is left out, as the linker leaves it out */
export function flashUsage(encoded: EncodedModel, plan: MemoryPlan, counted: CodeSize): FlashUsage {
  const { graph } = encoded.model;
  const formats = Object.values(formatsOf(encoded));
  const code = codeWith(counted, formats);
  const weights = encoded.blob.length;
  return {
    weights,
    biases: biasBytes(graph),
    tables: tableBytes(graph, formats),
    code: code.bytes,
    codeSource: code.source,
    total: weights + fixedFlashBytes(graph, plan, code, formats),
  };
}

/**
 * Everything but the blob: what a flash budget leaves for the weights (header and tile table included) is the budget
 * less this. Known before training; today it does not depend on where things lie in RAM.
 */
export function fixedFlashBytes(
  graph: Graph,
  _plan: MemoryPlan,
  code: CodeSize,
  formats: readonly WeightFormat[],
): number {
  return biasBytes(graph) + tableBytes(graph, formats) + code.bytes;
}
