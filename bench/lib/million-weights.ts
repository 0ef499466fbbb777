/** A made-up large network to measure time on: 20 layers of Gaussian weights, 2^20 in all, in tiles of about 4 KiB. */
import type { Graph } from '../../src/core/graph/graph';
import type { WeightFormat } from '../../src/core/formats/formats';
import { trainedFormat } from '../../src/core/formats/fits';
import type { SelectionLayer } from '../../src/core/east/selection';
import { createRandom } from '../../src/core/util/random';
import { formatCandidate } from '../../src/core/train/loop/pruning';

const LAYERS = 20;
const INPUTS = 512;
const OUTPUTS = Math.ceil((1 << 20) / LAYERS / INPUTS);

/** The layers in a format; `loss` is what the format itself loses (choose-formats.ts). */
export function millionWeights(
  format: WeightFormat = 'int8',
): readonly (SelectionLayer & { readonly loss: number })[] {
  const random = createRandom(1);
  return Array.from({ length: LAYERS }, (_, l) => {
    const name = `layer${l}`;
    const layer = denseLayer(name);
    // Of different sizes, as the layers of a network have.
    const deviation = 0.5 + random.next();
    const weights = Float32Array.from(
      { length: INPUTS * OUTPUTS },
      () => deviation * random.normal(),
    );
    const parameters = {
      weights,
      mask: new Uint8Array(weights.length).fill(1),
      format: trainedFormat(format),
      bias: new Float32Array(OUTPUTS),
      gamma: undefined,
      mean: undefined,
      variance: undefined,
    };
    const tiles = Array<number>(Math.floor(OUTPUTS / 8)).fill(8 * INPUTS);
    if (OUTPUTS % 8 > 0) tiles.push((OUTPUTS % 8) * INPUTS);
    const { layer: packed, loss } = formatCandidate(
      layer,
      new Map([[name, parameters]]),
      tiles,
      trainedFormat(format),
    );
    return { ...packed, loss };
  });
}

function denseLayer(name: string): Extract<Graph['layers'][number], { kind: 'dense' }> {
  return {
    kind: 'dense',
    name,
    inputs: ['input'],
    inputShape: [1, 1, INPUTS],
    outputShape: [1, 1, OUTPUTS],
    activation: 'none',
    batchNorm: false,
    units: OUTPUTS,
  };
}
