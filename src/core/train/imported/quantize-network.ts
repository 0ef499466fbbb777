/**
 * Post-training quantisation: a float network and some examples become the integer network, without a training step. Of
 * the ways to choose ranges, with equalised channels or without, the one whose integer outputs are nearest to the float
 * ones wins; biases are corrected where that brings them nearer still.
 */
import type { Normalization, Samples } from '../../dataset/dataset';
import { sliceBatch } from '../../dataset/batches';
import { INPUT, totalMacs, outputTensors, type Graph } from '../../graph/graph';
import {
  RANGE_RULES,
  type LayerNoise,
  type QuantizationChoice,
  type RangeRule,
} from '../../quant/noise';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import type { TensorRange } from '../../quant/quantize-model';
import { quantizeModel } from '../../quant/quantize-model';
import type { Engine } from '../engines/engine';
import { hasOwnScale } from '../pass/forward';
import { correctBiases } from './correct-bias';
import { equalized, type ChannelPeaks } from './equalize';
import type { FloatNetwork } from './float-network';
import { examplesAtATime, observe, spread, tensorsOf } from './observe';
import { signalToNoise, type FloatTensors } from './signal-to-noise';
import { Histogram } from './tensor-ranges';

/** Examples that ranges are chosen on. */
const CALIBRATION = 512;
/** Multiply–accumulates that all comparisons of one candidate may take: seconds. */
const MOST_MACS = 2e9;
const COMPARED = { least: 16, most: 128 };

export interface QuantizedNetwork {
  readonly model: QuantizedModel;
  readonly choice: QuantizationChoice;
  /** Of every layer whose output has a scale of its own. */
  readonly noise: readonly LayerNoise[];
}

export interface QuantizeOptions {
  /** Examples; their targets do not count. */
  readonly samples: Samples;
  readonly normalization: Normalization;
  readonly inputTensor: TensorQuantization;
}

interface Candidate {
  readonly network: FloatNetwork;
  readonly ranges: Readonly<Record<string, TensorRange>>;
  readonly rule: RangeRule;
  readonly equalized: boolean;
}

/** The network quantised and compared with itself. @throws UserError where its numbers cannot be quantised */
export async function quantizeNetwork(
  engine: Engine,
  network: FloatNetwork,
  { samples, normalization, inputTensor }: QuantizeOptions,
): Promise<QuantizedNetwork> {
  const calibration = spread(samples, CALIBRATION);
  const compared = spread(calibration, comparedExamples(network.graph));
  const scores = new Set(
    outputTensors(network.graph).map((name) => lastOwnScale(network.graph, name)),
  );
  const look = (of: FloatNetwork): Promise<Seen> => lookAt(engine, of, calibration, normalization);
  const quantize = ({ network: { graph, layers, ...more }, ranges }: Candidate): QuantizedModel =>
    quantizeModel({ ...more, graph, layers, tensors: { ...ranges, [INPUT]: inputTensor } });
  const nearness = (model: QuantizedModel, float: FloatTensors): number =>
    leastOf(signalToNoise(model, compared, normalization, float), scores);

  const seen = await look(network);
  const even = equalized(network, seen.peaks);
  const candidates = [
    ...candidatesOf(network, seen, scores, false),
    ...(even ? candidatesOf(even, await look(even), scores, true) : []),
  ];
  const float = await tensorsOf(engine, network, compared, normalization, (name) =>
    scores.has(name),
  );
  let best: { candidate: Candidate; model: QuantizedModel; nearness: number } | undefined;
  for (const candidate of candidates) {
    const model = quantize(candidate);
    // Without a layer that has a scale of its own there is nothing to choose.
    const value = nearness(model, float);
    if (best === undefined || value > best.nearness) best = { candidate, model, nearness: value };
  }
  const { candidate } = best!;
  const batch = sliceBatch(
    spread(calibration, examplesAtATime(candidate.network)),
    normalization,
    0,
    Math.min(calibration.count, examplesAtATime(candidate.network)),
  );
  const { biases, own } = await correctBiases(engine, candidate.network, best!.model, batch);
  const corrected = quantize({
    ...candidate,
    network: {
      ...candidate.network,
      layers: Object.fromEntries(
        Object.entries(candidate.network.layers).map(([name, layer]) => [
          name,
          { ...layer, bias: biases[name]! },
        ]),
      ),
    },
  });
  const biasCorrected = nearness(corrected, float) > best!.nearness;
  const model = biasCorrected ? corrected : best!.model;
  const all = await tensorsOf(engine, candidate.network, compared, normalization, () => true);
  const output = signalToNoise(model, compared, normalization, all);
  return {
    model,
    choice: {
      ranges: candidate.rule,
      equalized: candidate.equalized,
      biasCorrected,
      examples: calibration.count,
    },
    noise: network.graph.layers.filter(hasOwnScale).map(({ name }) => ({
      layer: name,
      output: output.get(name)!,
      own: own[name]!,
    })),
  };
}

/** Of the output that is the farthest from the float one. */
function leastOf(noise: ReadonlyMap<string, number>, outputs: ReadonlySet<string>): number {
  return Math.min(...[...outputs].map((name) => noise.get(name) ?? Infinity));
}

/** The last tensor on the way to an output whose range is chosen: what lies behind follows from it. */
function lastOwnScale(graph: Graph, output: string): string {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  let name = output;
  for (;;) {
    const layer = layers.get(name);
    if (layer === undefined || hasOwnScale(layer)) return name;
    name = layer.inputs[0]!;
  }
}

/** As many as take seconds: the integer network runs on them once for each candidate. */
function comparedExamples(graph: Graph): number {
  const work = 1 + totalMacs(graph);
  return Math.max(COMPARED.least, Math.min(COMPARED.most, Math.floor(MOST_MACS / work)));
}

interface Seen {
  readonly histograms: ReadonlyMap<string, Histogram>;
  readonly peaks: ChannelPeaks;
}

async function lookAt(
  engine: Engine,
  network: FloatNetwork,
  samples: Samples,
  normalization: Normalization,
): Promise<Seen> {
  const histograms = new Map<string, Histogram>();
  const peaks = new Map<string, Float64Array>();
  const channels = new Map(network.graph.layers.map((l) => [l.name, l.outputShape[2]]));
  await observe(engine, network, samples, normalization, {
    tensor: (name, values) => {
      const histogram = histograms.get(name) ?? new Histogram();
      histograms.set(name, histogram);
      histogram.add(values);
      const width = channels.get(name)!;
      const peak = peaks.get(name) ?? new Float64Array(width);
      peaks.set(name, peak);
      for (let i = 0; i < values.length; i++) {
        const magnitude = Math.abs(values[i]!);
        if (magnitude > peak[i % width]!) peak[i % width] = magnitude;
      }
    },
  });
  return { histograms, peaks };
}

/** The network's outputs always keep their whole range: the largest of scores is what counts. */
function candidatesOf(
  network: FloatNetwork,
  { histograms }: Seen,
  scores: ReadonlySet<string>,
  equalized: boolean,
): Candidate[] {
  return RANGE_RULES.map((rule) => ({
    network,
    rule,
    equalized,
    ranges: Object.fromEntries(
      [...histograms].map(([name, histogram]) => [
        name,
        scores.has(name) ? histogram.extremes : histogram.range(rule),
      ]),
    ),
  }));
}
