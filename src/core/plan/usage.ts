/** What a model takes of flash, by part: the only place that counts it, equal to what compiled objects hold. */
import { type CodeSize, codeWith } from '../firmware/code-table';
import { blobReaderOf } from '../firmware/blob-reader';
import { type EncodedModel, chosenFormats } from '../firmware/encoded-model';
import { fixedFlashWith } from '../firmware/fixed-flash';
import type { Target } from '../firmware/targets/target';

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

/** @param counted code for at least the model's formats; what unpacks others is left out, as the linker leaves it out */
export function flashUsage(encoded: EncodedModel, counted: CodeSize, target: Target): FlashUsage {
  const formats = chosenFormats(encoded);
  const reader = blobReaderOf(encoded);
  const { graph, frontend } = encoded.model;
  const { biases, tables, code, fixed } = fixedFlashWith(
    graph,
    formats,
    codeWith(counted, graph, formats, reader, target, frontend?.config),
    target,
    reader,
    frontend?.config,
  );
  const weights = encoded.blob.length;
  return {
    weights,
    biases,
    tables,
    code: code.bytes,
    codeSource: code.source,
    total: weights + fixed,
  };
}
