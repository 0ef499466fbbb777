/** The kernel that takes each code from a table: 256 bytes for each layer, and the same few instructions for every function. */
import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import type { LayerBase } from '../layer';
import type { CodeTable } from '../rescaled/execute';
import { elements } from '../shape';

const CODES = 'codes';

export function emitLookup<L extends LayerBase>(codesOf: CodeTable<L>): EmitOp<L> {
  return {
    kernel: 'east_lookup',
    header: 'east_lookup',
    params: {
      struct: 'east_lookup_params',
      values: (layer, { table }) => braces(elements(layer.outputShape), table(CODES)),
    },
    tables: (layer) => [
      { name: CODES, type: 'int8_t', count: 256, values: ({ model }) => codesOf(layer, model) },
    ],
    output: 'over',
    dimensions: () => [],
  };
}
