/** Of a file with several outputs the network of one of them: what only others need falls away. */
import { ModelError } from '../graph/model-error';
import { INPUT, outputTensors, type Graph } from '../graph/graph';
import { defined } from '../util/defined';
import type { FileFacts, LoadedModel } from './model';

/** The same graph for the same one: what is planned is kept by it. */
const known = new WeakMap<Graph, Map<string, Graph>>();

/**
 * @param wanted the file's name for the output, or that of its layer
 * @throws ModelError where the file has none of that name
 */
export function graphOfOutput(graph: Graph, file: FileFacts | undefined, wanted: string): Graph {
  const layer = layerOfOutput(graph, file, wanted);
  if (graph.outputs === undefined) return graph;
  const graphs = known.get(graph) ?? new Map<string, Graph>();
  known.set(graph, graphs);
  const made = graphs.get(layer) ?? upTo(graph, layer);
  graphs.set(layer, made);
  return made;
}

/** As graphOfOutput, with all that belongs to its layers. @throws ModelError */
export function withOutput(model: LoadedModel, wanted: string): LoadedModel {
  const graph = graphOfOutput(model.graph, model.file, wanted);
  if (graph === model.graph) return model;
  const names = new Set([INPUT, ...graph.layers.map(({ name }) => name)]);
  const kept = <T>(
    values: Readonly<Record<string, T>> | undefined,
  ): Record<string, T> | undefined =>
    values && Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
  const { weights, batchNorm, constants, quantization, ...rest } = model;
  return {
    ...rest,
    graph,
    ...defined({
      weights: kept(weights),
      batchNorm: kept(batchNorm),
      constants: kept(constants),
      quantization: quantization && {
        ...quantization,
        tensors: kept(quantization.tensors) ?? {},
        layers: kept(quantization.layers) ?? {},
        ...defined({ constants: kept(quantization.constants) }),
      },
    }),
  };
}

function layerOfOutput(graph: Graph, file: FileFacts | undefined, wanted: string): string {
  const layers = file?.outputLayers ?? outputTensors(graph);
  const names = file?.outputNames?.length === layers.length ? file.outputNames : layers;
  const at = names.indexOf(wanted) < 0 ? layers.indexOf(wanted) : names.indexOf(wanted);
  const layer = layers[at];
  if (layer !== undefined) return layer;
  const all = names.map((name, i) => (name === layers[i] ? name : `${name} (${layers[i]!})`));
  throw new ModelError(`the file has no output "${wanted}"; its outputs are ${all.join(', ')}`, [
    'output',
  ]);
}

/** The layers that `output` is computed from, which then is the last of them. */
function upTo({ inputShape, layers }: Graph, output: string): Graph {
  const needed = new Set([output]);
  const kept = layers.toReversed().filter(({ name, inputs }) => {
    if (!needed.has(name)) return false;
    inputs.forEach((input) => needed.add(input));
    return true;
  });
  return { inputShape, layers: kept.toReversed() };
}
