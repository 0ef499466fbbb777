/** What decoding the weights may take of an inference, for the choice of formats. */
import type { TrainedFormat } from '../../formats/fits';
import type { WeightedLayer } from '../../ops/graph-ops';

/** In instructions of an inference on the target. */
export interface DecodingLimit {
  readonly most: number;
  /** Of all tiles of a layer in that format, by its codec. */
  readonly of: (layer: WeightedLayer, format: TrainedFormat) => number;
}
