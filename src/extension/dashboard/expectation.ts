/** What a config settles before any training: layers, budgets, and every byte but those of the weights. */
import type { RamUsage } from '../../core/firmware/memory-plan';
import type { FlashUsage } from '../../core/plan/usage';
import type { Work } from '../../core/tasks/work';
import type { LayerRow } from '../../protocol/dashboard';

/** All sizes in bytes. */
export interface Expectation {
  readonly architecture: string;
  readonly work: Work;
  readonly layers: readonly Pick<
    LayerRow,
    'name' | 'kind' | 'shape' | 'parameters' | 'format' | 'tiles' | 'blobBytes' | 'sparsity'
  >[];
  readonly denseBytes: number;
  /** Weights: encoded, as many as the budget allows; dense where it sets no limit. */
  readonly flash: Omit<FlashUsage, 'total'>;
  readonly ram: Omit<RamUsage, 'total'>;
  readonly budget: { readonly flash?: number; readonly ram?: number; readonly weights?: number };
  /** What the budget asks of the weights, in words. */
  readonly compression?: string;
}
