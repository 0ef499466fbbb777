/** The imported network as the one that another is taught by: what it gives for examples, and targets made of that. */
import type { Batch, Dataset, Samples } from '../../dataset/dataset';
import { graphOp } from '../../ops/graph-ops';
import { elements } from '../../ops/shape';
import { readAnswers } from '../../tasks/answers';
import type { TaskKind } from '../../tasks/tasks';
import { TASKS } from '../../tasks/tasks';
import { INPUT, outputSize, type Graph } from '../../graph/graph';
import type { Engine } from '../engines/engine';
import { defined, ifDefined } from '../../util/defined';
import type { PassOptions } from '../pass/pass';
import { sharedConstants } from '../pass/shared-arrays';
import type { Team } from '../shards/team';
import { passLayers, type FloatNetwork } from './float-network';
import { outputsOf } from './observe';
import { scoresTensor } from './signal-to-noise';

/** [examples, outputs] of a batch as training sees it, by the threads that train. */
export function teacherOutputs(
  team: Team,
  network: FloatNetwork,
): (batch: Batch) => Promise<Float32Array> {
  const layers = passLayers(network);
  const constants = ifDefined(network.constants, sharedConstants);
  const options: PassOptions = { kind: 'logits', ranges: false, ...defined({ constants }) };
  return async (batch) => (await team.run(layers, batch, options)).logits;
}

/** What is imitated of a network: the class it chooses, or its outputs as numbers. */
export type Imitated = 'classes' | 'values';

/** Classes, where a network puts out several scores or ends in a softmax; an autoencoder's or a map's outputs are values. */
export function imitatedBy(graph: Graph): Imitated {
  const last = graph.layers.at(-1);
  if (last === undefined || (graph.outputs?.length ?? 1) > 1) return 'values';
  const chosen = graphOp(last.kind).puts === 'index';
  const [height, width, channels] = chosen ? last.inputShape : last.outputShape;
  const isMap = height * width > 1 || channels < 2;
  if (isMap) return 'values';
  if (chosen) return 'classes';
  const scores = scoresTensor(graph);
  if (scores !== last.name) return 'classes';
  if (outputSize(graph) === elements(graph.inputShape)) return 'values';
  const producer = graph.layers.find(({ name }) => name === scores);
  return producer !== undefined && scores !== INPUT && graphOp(producer.kind).weights !== undefined
    ? 'classes'
    : 'values';
}

const TASK_OF: Readonly<Record<Imitated, TaskKind>> = {
  classes: 'agreement',
  values: 'imitation',
};

/** A data set without labels gets what the network says of each example for a target. */
export async function labelledBy(
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
  imitated: Imitated,
): Promise<Dataset> {
  const task = TASK_OF[imitated];
  const size = outputSize(network.graph);
  const label = async (samples: Samples): Promise<Samples> => {
    const outputs = await outputsOf(engine, network, samples, dataset.normalization);
    return { ...samples, targets: readAnswers(TASKS[task], outputs, size) };
  };
  const { outputNames } = dataset;
  return {
    ...dataset,
    task,
    // Of several outputs all numbers count, one after the other.
    outputNames:
      outputNames.length === size
        ? outputNames
        : Array.from({ length: size }, (_, i) => `output${i}`),
    train: await label(dataset.train),
    validation: await label(dataset.validation),
    test: await label(dataset.test),
  };
}
