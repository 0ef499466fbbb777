/** The code that a network links: what it takes, as measured where it was, else from the committed table. */
import { type CodeSize, codeTable } from '../firmware/code-table';
import { runtimeSources } from '../firmware/runtime-files';
import type { WeightFormat } from '../formats/formats';
import type { Target } from '../firmware/targets/target';
import type { Graph } from '../graph/graph';

export interface MeasuredCode {
  /** What it was measured for, as kernelsOf names it. */
  readonly kernels: string;
  readonly size: CodeSize;
}

/** Names the kernels and unpackers that a network needs, and with them what a measured code size is for. */
export function kernelsOf(graph: Graph, formats: readonly WeightFormat[]): string {
  return runtimeSources(graph, formats).join();
}

export function codeOf(
  graph: Graph,
  formats: readonly WeightFormat[],
  measured: MeasuredCode | undefined,
  target: Target,
): CodeSize {
  return measured?.kernels === kernelsOf(graph, formats)
    ? measured.size
    : codeTable(graph, formats, target);
}
