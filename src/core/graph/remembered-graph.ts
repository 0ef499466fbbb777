/** The graphs last asked for: an editor asks again and again about one model, several times with each keystroke. */
import type { ModelConfig } from '../config/config';
import { buildGraph } from './build';
import type { Graph } from './graph';

const recent = new Map<string, Graph>();
const REMEMBERED = 8;

/**
 * As `buildGraph`; the same object for the same model, so that what the planner remembers of a graph serves again.
 *
 * @throws ModelError
 */
export function rememberedGraph(model: ModelConfig): Graph {
  const key = JSON.stringify(model);
  const graph = recent.get(key) ?? buildGraph(model);
  recent.delete(key);
  recent.set(key, graph);
  const oldest = recent.keys().next();
  if (recent.size > REMEMBERED && oldest.done !== true) recent.delete(oldest.value);
  return graph;
}
