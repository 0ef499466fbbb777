/** Flash that does not depend on what the weights are: known before training, equal to what compiled objects hold. */
import type { PossibleFormats } from '../formats/formats';
import type { FrontendConfig } from '../frontends/config';
import type { Graph } from '../graph/graph';
import { FIRST_READER } from './blob-reader';
import { type CodeSize, codeTable, codeWith } from './code-table';
import { biasBytes, tableBytes } from './constant-tables';
import { runtimeSources } from './runtime-files';
import type { Target } from './targets/target';

/** Bytes. */
export interface FixedFlash {
  readonly biases: number;
  /** Multipliers, shifts and the structure of the network. */
  readonly tables: number;
  readonly code: CodeSize;
  /** Their sum. */
  readonly fixed: number;
}

export interface MeasuredCode {
  /** What it was measured for, as kernelsOf names it. */
  readonly kernels: string;
  readonly size: CodeSize;
}

/** Names the kernels and unpackers that a network needs, and with them what a measured code size is for. */
export function kernelsOf(
  graph: Graph,
  formats: PossibleFormats,
  frontend?: FrontendConfig,
): string {
  return runtimeSources(graph, formats, FIRST_READER, frontend).join();
}

/**
 * @param formats that each layer may have: each is unpacked by code of its own
 * @param reader of the blob that the weights lie in
 * @param measured counts where it is of just these kernels; else the committed table does
 */
export function fixedFlash(
  graph: Graph,
  formats: PossibleFormats,
  measured: MeasuredCode | undefined,
  target: Target,
  reader = FIRST_READER,
  frontend?: FrontendConfig,
): FixedFlash {
  const isOfThese = measured?.kernels === kernelsOf(graph, formats, frontend);
  const counted = isOfThese ? measured.size : codeTable(graph, formats, target, frontend);
  const code =
    reader.version === 1 ? counted : codeWith(counted, graph, formats, reader, target, frontend);
  return fixedFlashWith(graph, formats, code, target, reader, frontend);
}

/** @param reader of the blob that the weights lie in */
export function fixedFlashWith(
  graph: Graph,
  formats: PossibleFormats,
  code: CodeSize,
  target: Target,
  reader = FIRST_READER,
  frontend?: FrontendConfig,
): FixedFlash {
  const biases = biasBytes(graph);
  const tables = tableBytes(graph, formats, target, reader, frontend);
  return { biases, tables, code, fixed: biases + tables + code.bytes };
}
