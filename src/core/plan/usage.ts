/** What a model takes of flash and RAM, by part: computed here and nowhere else, equal to what compiled objects hold. */
import { type CodeSize, codeWith } from '../firmware/code-table';
import { biasBytes, tableBytes } from '../firmware/constant-tables';
import { type EncodedModel, formatsOf } from '../firmware/encoded-model';
import type { MemoryPlan, RamParts } from '../firmware/memory-plan';
import type { Target } from '../firmware/targets/target';
import type { WeightFormat } from '../formats/formats';
import type { Graph } from '../graph/graph';

/** Bytes. */
export interface FlashParts {
  /** The blob: header, tile table, tiles. */
  readonly weights: number;
  readonly biases: number;
  /** Multipliers, shifts and the structure of the network. */
  readonly tables: number;
  readonly code: number;
}

export interface FlashUsage extends FlashParts {
  /** Whether `code` was measured with the cross compiler or read from the committed table. */
  readonly codeSource: CodeSize['source'];
  readonly total: number;
}

export interface RamUsage extends RamParts {
  readonly total: number;
  /** Layer during which the RAM peaks. */
  readonly peakLayer: string;
}

/** All parts of flash but the weights, bytes: known before training. */
export interface FixedFlash extends Pick<FlashParts, 'biases' | 'tables'> {
  readonly code: CodeSize;
  /** Their sum. */
  readonly fixed: number;
}

/** @param formats of the layers' weights; with formats left open all that training may choose, which `code` counts */
export function fixedFlash(
  graph: Graph,
  formats: readonly WeightFormat[],
  code: CodeSize,
  target: Target,
): FixedFlash {
  const biases = biasBytes(graph);
  const tables = tableBytes(graph, formats, target);
  return { biases, tables, code, fixed: biases + tables + code.bytes };
}

/** @param counted code for at least the model's formats; what unpacks others is left out, as the linker leaves it out */
export function flashUsage(encoded: EncodedModel, counted: CodeSize, target: Target): FlashUsage {
  const formats = Object.values(formatsOf(encoded));
  const { fixed, code, ...parts } = fixedFlash(
    encoded.model.graph,
    formats,
    codeWith(counted, formats),
    target,
  );
  const weights = encoded.blob.length;
  return {
    weights,
    ...parts,
    code: code.bytes,
    codeSource: code.source,
    total: weights + fixed,
  };
}

export function ramUsage({ peak, ramBytes }: MemoryPlan): RamUsage {
  const { layer: peakLayer, ...parts } = peak;
  return { ...parts, total: ramBytes, peakLayer };
}
