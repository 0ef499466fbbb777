/** Code sizes as measured once and committed: known at once and without a compiler, for as-you-type checks. */
import type { Graph } from '../graph/graph';
import type { WeightFormat } from '../quant/packing';
import table from './code-size.json';
import { runtimeSources } from './runtime-files';

export interface CodeSize {
  readonly bytes: number;
  readonly source: 'measured' | 'table';
}

/** The file with the three functions of the interface, in the table and when measuring. */
export const INTERFACE = 'east_model';

/** Bytes of code for the network on a Cortex-M4. `formats`: those of its layers' weights. */
export function codeTable(graph: Graph, formats: readonly WeightFormat[]): CodeSize {
  const sizes: Readonly<Record<string, number | undefined>> = table.files;
  const bytes = [...runtimeSources(graph, formats), INTERFACE].reduce((sum, file) => {
    const size = sizes[file];
    if (size === undefined) throw new Error(`The code size of ${file}.c is unknown.`);
    return sum + size;
  }, 0);
  return { bytes, source: 'table' };
}
