/**
 * A network may end in the index of the largest of its scores. What trains it, measures it and chooses its scales reads the
 * scores; the chip computes all of it.
 */
import { graphOp, type Layer } from '../ops/graph-ops';
import { defined } from '../util/defined';
import { outputTensors, type Graph } from './graph';

/** Layers that put out the index of the largest of what they read. */
export function choosers({ layers }: Pick<Graph, 'layers'>): Layer[] {
  return layers.filter(({ kind }) => graphOp(kind).puts === 'index');
}

/** The network that gives what those layers choose from; the same graph where there are none. */
export function scoringGraph(graph: Graph): Graph {
  const ends = choosers(graph);
  if (ends.length === 0) return graph;
  const chosenFrom = new Map(ends.map(({ name, inputs }) => [name, inputs[0] ?? name]));
  const layers = graph.layers.filter(({ name }) => !chosenFrom.has(name));
  const outputs = [...new Set(outputTensors(graph).map((name) => chosenFrom.get(name) ?? name))];
  return ending(graph, layers, outputs.length > 1 ? outputs : undefined);
}

/** That network, changed, with the layers behind it that `whole` has. */
export function withChoosers(scoring: Graph, whole: Graph): Graph {
  const ends = choosers(whole);
  if (ends.length === 0) return scoring;
  return ending(scoring, [...scoring.layers, ...ends], whole.outputs);
}

function ending(
  { inputShape, hop, kept }: Graph,
  layers: readonly Layer[],
  outputs: readonly string[] | undefined,
): Graph {
  return { inputShape, layers, ...defined({ outputs, hop, kept }) };
}
