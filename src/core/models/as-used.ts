/** The network of a file as a config uses it: only one that is taken as it is rounds its sums as its format does. */
import type { ModelUse } from '../config/config';
import { withoutRounding, type Graph } from '../graph/graph';

/** The same graph for the same one: what is planned is kept by it. */
const roundedHere = new WeakMap<Graph, Graph>();

export function asUsed(use: ModelUse | undefined, graph: Graph): Graph {
  if (use === 'as-is') return graph;
  const known = roundedHere.get(graph) ?? withoutRounding(graph);
  roundedHere.set(graph, known);
  return known;
}
