/** What a config settles before any training: layers, budgets, and every byte but those of the weights. */
import type { LayerRow } from '../../protocol/dashboard';

/** All sizes in bytes. */
export interface Expectation {
  readonly architecture: string;
  readonly layers: readonly Pick<
    LayerRow,
    'name' | 'kind' | 'shape' | 'parameters' | 'format' | 'tiles' | 'encodedBytes' | 'sparsity'
  >[];
  readonly denseBytes: number;
  readonly flash: {
    /** Encoded, as many as the budget allows; dense where it sets no limit. */
    readonly weights: number;
    readonly biases: number;
    readonly tables: number;
    readonly code: number;
    readonly codeSource: 'measured' | 'table';
  };
  readonly ram: {
    readonly activations: number;
    readonly scratch: number;
    readonly decode: number;
    readonly peakLayer: string;
  };
  readonly budget: { readonly flash?: number; readonly ram?: number; readonly weights?: number };
  /** What the budget asks of the weights, in words. */
  readonly compression?: string;
}
