/**
 * A network over a window that moves along a stream: the network of one step, which computes of every tensor only what the
 * step's new inputs bring, and keeps of earlier ones what its windows still reach.
 *
 * A tensor's *fresh* moments are the last ones of its window, those that the step before had not: as many as the step has new
 * inputs, divided by the strides up to it. Layers whose outputs at a time follow from a few inputs before it (ops/time.ts)
 * compute fresh moments from the moments kept and the fresh ones; the first layer that asks for more, such as a pool over the
 * whole window, finds the whole window kept, and it and all behind it are computed anew in every step.
 */
import type { Layer } from '../ops/graph-ops';
import { graphOp } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { withLength, type TimeAxis, type TimeWindow } from '../ops/time';
import type { Graph } from './graph';
import { INPUT, outputTensors, shapeOf } from './graph';

export interface StreamStep {
  readonly axis: TimeAxis;
  /** Moments of the input that a step brings. */
  readonly hop: number;
  /** Steps until the first window is full. */
  readonly warmUp: number;
  /** What a step computes: its input is what is new, layers read views of what is kept (`Graph.kept`). Names are the network's. */
  readonly graph: Graph;
  /** Layers that compute what is new alone. */
  readonly streamed: readonly string[];
  /**
   * Whether the outputs are those of the network over the window alone. Else the network pads in front (causal), and a stream has
   * the real past there: they are those of the network over all that the stream has brought.
   */
  readonly exact: boolean;
}

/** Rows of images and spectrograms, columns of sequences. */
export function timeAxis({ inputShape }: Pick<Graph, 'inputShape'>): TimeAxis {
  return inputShape[0] > 1 ? 0 : 1;
}

/** Why a stream of such steps cannot be; undefined where it can. */
export function hopProblem(graph: Graph, hop: number): string | undefined {
  const length = graph.inputShape[timeAxis(graph)];
  if (hop < length) return undefined;
  return `a step of ${hop} is as long as the network's window, which has ${length}, or longer; then nothing is left to keep`;
}

const streams = new WeakMap<Graph, Map<number, Graph>>();

/** The network as firmware runs it along a stream; the same object for the same network. Without a hop, as it is. */
export function alongStream(graph: Graph, hop: number | undefined): Graph {
  if (hop === undefined || graph.hop === hop) return graph;
  const known = streams.get(graph) ?? new Map<number, Graph>();
  streams.set(graph, known);
  const found = known.get(hop) ?? { ...graph, hop };
  known.set(hop, found);
  return found;
}

const steps = new WeakMap<Graph, StreamStep>();

/** What a step computes of a network that runs along a stream; undefined of others. */
export function stepOf(graph: Graph): StreamStep | undefined {
  if (graph.hop === undefined) return undefined;
  const step = steps.get(graph) ?? streamStep(graph, graph.hop);
  steps.set(graph, step);
  return step;
}

interface Flow {
  /** Of the whole window, and of a step. */
  readonly length: number;
  readonly fresh: number;
}

/** What a layer reads of a tensor: `count` moments, the first `history` before the fresh ones (negative: behind their first). */
interface View {
  readonly tensor: string;
  readonly history: number;
  readonly count: number;
}

/** @param hop moments of the input that a step brings; hopProblem says which can be */
export function streamStep(graph: Graph, hop: number): StreamStep {
  const problem = hopProblem(graph, hop);
  if (problem !== undefined) throw new Error(problem);
  const axis = timeAxis(graph);
  const flows = new Map<string, Flow>([[INPUT, { length: graph.inputShape[axis], fresh: hop }]]);
  const views = new Map<string, View[]>();
  const streamed: string[] = [];
  let exact = true;

  const view = (tensor: string, history: number, count: number): string => {
    const known = views.get(tensor) ?? [];
    if (!known.some((other) => other.history === history)) {
      views.set(tensor, [...known, { tensor, history, count }]);
    }
    return viewName(tensor, history);
  };
  const layers = graph.layers.map((layer): Layer => {
    const inputs = layer.inputs.map((name) => flows.get(name));
    const window = graphOp(layer.kind).overTime?.window(layer, axis);
    const fresh = window && freshOf(layer, axis, inputs, window);
    if (window === undefined || fresh === undefined) {
      const names = layer.inputs.map((name, i) => {
        const flow = inputs[i];
        return flow === undefined ? name : view(name, flow.length - flow.fresh, flow.length);
      });
      return { ...layer, inputs: names };
    }
    const [flow] = inputs;
    if (flow === undefined) throw new Error(`${layer.name} reads nothing`);
    const { extent, stride, before } = window;
    if (before > 0) exact = false;
    // What is left behind the last output's inputs: the window need not end where the network's does.
    const left = (flow.length + before - extent) % stride;
    const count = flow.fresh - stride + extent;
    const history = extent - stride + left;
    flows.set(layer.name, { length: layer.outputShape[axis], fresh });
    streamed.push(layer.name);
    const moments = { inputs: count, outputs: fresh };
    const moved = graphOp(layer.kind).overTime?.over(layer, axis, moments) ?? layer;
    return { ...moved, inputs: layer.inputs.map((name) => view(name, history, count)) };
  });
  const outputs = outputTensors(graph).map((name) => {
    const flow = flows.get(name);
    return flow === undefined ? name : view(name, flow.length - flow.fresh, flow.length);
  });

  const kept = [...views].flatMap(([tensor, its]) => {
    const shape = shapeOf(graph, tensor);
    const bytes = elements(withLength(shape, axis, 1));
    const { fresh } = flows.get(tensor)!;
    const past = Math.max(0, ...its.map(({ history }) => history));
    if (its.every(({ history }) => history === 0)) return [];
    const views = its.map(({ history, count }) => ({
      name: viewName(tensor, history),
      offset: (past - history) * bytes,
      bytes: count * bytes,
    }));
    return { tensor, past: past * bytes, fresh: fresh * bytes, views };
  });
  const last = layers.at(-1)?.name;
  const own = outputs.length > 1 || outputs[0] !== last;
  return {
    axis,
    hop,
    warmUp: Math.ceil(graph.inputShape[axis] / hop),
    graph: {
      inputShape: withLength(graph.inputShape, axis, hop),
      layers,
      ...(own ? { outputs } : {}),
      kept,
    },
    streamed,
    exact,
  };
}

/** Fresh moments of the layer's output; undefined where it cannot go step by step. */
function freshOf(
  layer: Layer,
  axis: TimeAxis,
  inputs: readonly (Flow | undefined)[],
  { stride }: TimeWindow,
): number | undefined {
  const [first] = inputs;
  if (first === undefined) return undefined;
  const alike = inputs.every((flow) => flow?.length === first.length && flow.fresh === first.fresh);
  const fresh = first.fresh / stride;
  return alike && Number.isInteger(fresh) && fresh <= layer.outputShape[axis] ? fresh : undefined;
}

/** The fresh moments go by the tensor's name. */
function viewName(tensor: string, history: number): string {
  return history === 0 ? tensor : `${tensor}@${history}`;
}

/** The tensor that a view is of. */
export function tensorOfView(view: string): string {
  return view.split('@')[0] ?? view;
}
