/** What decoding the weights may take of an inference, before anything is encoded. */
import { suits } from '../codecs/choice';
import type { CodecId } from '../codecs/codecs';
import { computeInstructions, decodingLimit, layerDecoding } from '../firmware/instructions';
import type { TileWeights } from '../firmware/memory-plan';
import type { Target } from '../firmware/targets/target';
import type { PossibleFormats } from '../formats/formats';
import type { Graph } from '../graph/graph';
import type { ForecastConfig } from './flash';

/** Instructions of an inference, as estimated for the target. */
export interface DecodingForecast {
  /** All but decoding. */
  readonly compute: number;
  /** Decoding where each layer has what takes the most of all that it may have. */
  readonly most: number;
  /** budget.decode; undefined: not limited. */
  readonly share: number | undefined;
  /** What that leaves for decoding; infinite where nothing limits. */
  readonly limit: number;
}

export function planDecoding(
  graph: Graph,
  possible: PossibleFormats,
  tileWeights: TileWeights,
  codecs: readonly CodecId[],
  { budget }: Pick<ForecastConfig, 'budget'>,
  target: Target,
): DecodingForecast {
  const most = graph.layers.reduce((sum, layer) => {
    const tiles = tileWeights[layer.name] ?? [];
    const all = (possible[layer.name] ?? []).flatMap((format) =>
      codecs
        .filter((codec) => suits(codec, format))
        .map((codec) => layerDecoding(layer, format, codec, tiles, target)),
    );
    return sum + Math.max(0, ...all);
  }, 0);
  const compute = computeInstructions(graph, target);
  const share = budget.decode === undefined || budget.decode >= 1 ? undefined : budget.decode;
  return { compute, most, share, limit: decodingLimit(compute, share ?? 1) };
}

/** Of all instructions. */
export function decodingShare(compute: number, decoding: number): number {
  return decoding / (compute + decoding);
}
