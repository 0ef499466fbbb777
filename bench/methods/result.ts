/** One finished cell of the grid, as bench/results/methods/ keeps it. */
import type { LayerReport } from '../../src/core/report/report';
import { valueAt } from '../../src/core/tasks/measurement';
import type { MeasuredCell } from '../lib/kept-cells';
import type { Levels } from './clustering';
import type { Sizes } from './sizes';

export interface CellResult extends MeasuredCell {
  readonly id: string;
  /** Id of the method (cells.ts). */
  readonly method: string;
  /** Percent of the dense int8 bytes; absent where the method takes what it takes. */
  readonly budget?: number;
  readonly seed: number;
  readonly config: unknown;
  readonly engine: string;
  readonly machine: string;
  /** ISO 8601. */
  readonly started: string;
  readonly pretraining: string;
  readonly layers: readonly LayerReport[];
  /** Of clustered weights, by layer name. */
  readonly levels?: Levels;
  readonly sizes: Sizes;
}

/** Mean over the seeds that ran. */
export interface Mean {
  readonly accuracy: number;
  readonly bytes: number;
  readonly sparsity: number;
  readonly sizes: Sizes;
  /** Half the distance between best and worst seed. */
  readonly spread: number;
  readonly seeds: readonly number[];
}

export function meanOf(cells: readonly CellResult[]): Mean | undefined {
  if (cells.length === 0) return undefined;
  const mean = (value: (cell: CellResult) => number): number =>
    cells.reduce((sum, cell) => sum + value(cell), 0) / cells.length;
  const accuracies = cells.map(accuracyOf);
  const size = (key: keyof Sizes): number => Math.round(mean(({ sizes }) => sizes[key]));
  return {
    accuracy: mean(accuracyOf),
    bytes: Math.round(mean(({ blobBytes }) => blobBytes)),
    sparsity: mean(({ sparsity }) => sparsity),
    sizes: {
      optimal: size('optimal'),
      greedy: size('greedy'),
      packed: size('packed'),
      bitmap: size('bitmap'),
    },
    spread: (Math.max(...accuracies) - Math.min(...accuracies)) / 2,
    seeds: cells.map(({ seed }) => seed).sort((a, b) => a - b),
  };
}

/** Of the integer network that the firmware computes. */
function accuracyOf({ id, measured }: CellResult): number {
  const accuracy = valueAt(measured, 'fitted');
  if (accuracy === undefined) throw new Error(`${id} has no accuracy`);
  return accuracy;
}
