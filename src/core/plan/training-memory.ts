/**
 * Whether a network can be trained on this machine at all. What is counted is the least that training needs, so that
 * nothing is refused that might work; a network of hundreds of millions of weights is none for a microcontroller, and
 * without this its run would end minutes later with an engine that is out of memory.
 */
import { totalmem } from 'node:os';
import type { TrainingConfig } from '../config/config';
import { weightCount, weightedLayers, type Graph } from '../graph/graph';
import { elements } from '../ops/shape';
import { UserError } from '../util/errors';
import { FILE_KINDS } from '../util/read-file';

type Training = Pick<TrainingConfig, 'optimizer' | 'batchSize' | 'pruneEpochs'>;

const FLOAT_BYTES = 4;
/** Arrays as long as the weights that the optimiser keeps: a velocity, or two moments. */
const MOMENTS = { sgd: 1, adam: 2 } as const satisfies Record<Training['optimizer'], number>;

/** Bytes. */
export interface TrainingMemory {
  /** What a checkpoint holds: weights, what the optimiser keeps of each, and the best weights so far. */
  readonly checkpoint: number;
  /** That, gradients, and a batch's values between the layers. */
  readonly least: number;
}

export function trainingMemory(graph: Graph, training: Training): TrainingMemory {
  const weights = weightedLayers(graph).reduce((sum, layer) => sum + weightCount(layer), 0);
  const values = graph.layers.reduce((sum, { outputShape }) => sum + elements(outputShape), 0);
  const kept = 1 + MOMENTS[training.optimizer] + (training.pruneEpochs > 0 ? 1 : 0);
  const checkpoint = FLOAT_BYTES * kept * weights;
  return { checkpoint, least: checkpoint + FLOAT_BYTES * (weights + training.batchSize * values) };
}

/** @param available bytes that a process may have. Throws UserError that names the layer to make smaller. */
export function requireTrainable(
  graph: Graph,
  training: Training,
  available: number = machineMemory(),
): void {
  const { checkpoint, least } = trainingMemory(graph, training);
  const most = FILE_KINDS.checkpoint.mostBytes;
  if (checkpoint > most) {
    throw new UserError(
      `the network is too large to be trained: its checkpoints would have ${gigabytes(checkpoint)}, and at most ${gigabytes(most)} can be written; ${smaller(graph)}`,
    );
  }
  if (least > available) {
    throw new UserError(
      `training the network takes at least ${gigabytes(least)} of memory, and this machine has ${gigabytes(available)}; ${smaller(graph)}, or training.batchSize`,
    );
  }
}

function smaller(graph: Graph): string {
  const [first, ...others] = weightedLayers(graph);
  if (first === undefined) return 'make it smaller';
  const largest = others.reduce((a, b) => (weightCount(b) > weightCount(a) ? b : a), first);
  return `make layer "${largest.name}" smaller, which alone has ${weightCount(largest).toLocaleString('en-US')} weights`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** What the machine has, or what a container lets a process have of it. */
function machineMemory(): number {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
}
