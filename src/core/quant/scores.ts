/** The quantised network up to the scores that an index is chosen from, and the whole of it again (graph/scores.ts). */
import type { Graph } from '../graph/graph';
import { choosers, scoringGraph, withChoosers } from '../graph/scores';
import type { QuantizedModel, TensorQuantization } from './model';
import { outputQuantization } from './quantize-model';

export function scoringModel(model: QuantizedModel): QuantizedModel {
  const graph = scoringGraph(model.graph);
  if (graph === model.graph) return model;
  const ends = new Set(choosers(model.graph).map(({ name }) => name));
  const tensors = Object.entries(model.tensors).filter(([name]) => !ends.has(name));
  return { ...model, graph, tensors: Object.fromEntries(tensors) };
}

export function withIndices(model: QuantizedModel, whole: Graph): QuantizedModel {
  const graph = withChoosers(model.graph, whole);
  if (graph === model.graph) return model;
  const none = (name: string): TensorQuantization => {
    throw new Error(`The index ${name} has no scale of its own.`);
  };
  const added = choosers(whole).map((layer): [string, TensorQuantization] => [
    layer.name,
    outputQuantization(layer, model.tensors, none),
  ]);
  return { ...model, graph, tensors: { ...model.tensors, ...Object.fromEntries(added) } };
}
