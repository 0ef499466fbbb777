/** The gradients of one training step of a small network with made-up images: what two engines are compared by. */
import { DEFAULT_TASK } from '../../tasks/tasks';
import { architectureLayers } from '../../models/architectures';
import { buildGraph } from '../../graph/build';
import { createRandom } from '../../util/random';
import { trainedLayers, trainingLayers } from '../pass/channel-parts';
import { Network } from '../shards/network';
import { initialParameters } from '../pass/parameters';
import type { LayerArrays } from '../pass/pass';
import { computePass } from '../pass/pass';
import { tensorQuantizations, type Ranges } from '../pass/ranges';
import { soloTeam } from '../shards/team';
import type { Engine } from '../engines/engine';

const CLASSES = 10;

export interface Sample {
  /** Edge of the images, pixels. */
  readonly size: number;
  readonly examples: number;
}

const SAMPLE: Sample = { size: 16, examples: 32 };

/** The engine must be the active one. */
export async function sampleGradients(
  engine: Engine,
  quantized: boolean,
  { size, examples } = SAMPLE,
): Promise<readonly LayerArrays[]> {
  const input = [size, size, 3] as const;
  const layers = architectureLayers('resnet8', input, CLASSES, 8);
  const graph = buildGraph({ input, classes: CLASSES, layers });
  const random = createRandom(1);
  const batch = {
    examples,
    x: Float32Array.from({ length: examples * size * size * 3 }, () => random.normal()),
    y: Float32Array.from({ length: examples }, () => random.int(CLASSES)),
  };
  const parameters = initialParameters(graph, 1);
  const ranges: Ranges = new Map();
  await new Network(soloTeam(engine, graph), graph, parameters).infer(batch, undefined, ranges);
  const prepared = trainingLayers(graph, trainedLayers(graph, parameters), quantized);
  const { gradients } = await computePass(engine, graph, prepared, batch, {
    kind: 'gradients',
    loss: { task: DEFAULT_TASK, labelSmoothing: 0 },
    ranges: false,
    ...(quantized
      ? { quantization: tensorQuantizations(graph, ranges, { scale: 0.03, zeroPoint: 0 }) }
      : {}),
  });
  return gradients;
}

/** Largest ‖a − b‖ / ‖b‖ of the layers' weights: sums of many products, so that single roundings average out. */
export function gradientDifference(a: readonly LayerArrays[], b: readonly LayerArrays[]): number {
  let largest = 0;
  b.forEach(({ weights }, layer) => {
    const others = a[layer]!.weights;
    let [difference, norm] = [0, 0];
    weights.forEach((value, i) => {
      difference += (others[i]! - value) ** 2;
      norm += value ** 2;
    });
    const relative = Math.sqrt(difference / norm);
    // NaN counts, too.
    if (!(relative <= largest)) largest = relative;
  });
  return largest;
}
