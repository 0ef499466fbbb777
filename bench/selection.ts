/**
 * What choosing masks costs and how good its estimates are: estimated against encoded sizes for the masks of a whole
 * training's budgets, the processor time of one selection and of choosing formats over a million weights, and what other
 * byte orders of a layer's weights would save.
 *
 *   npx tsx bench/selection.ts [--runs WORKSPACE]
 *
 * Writes bench/results/selection.json and the lines of docs/measurements.md. Needs ../shared/models (or $EAST_SHARED); with --runs, the
 * --work folder of `npm run bench:methods`, also uses the network that all its cells start from.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseCandidates } from '../src/core/east/choose-formats';
import { distortion } from '../src/core/east/objective';
import { byteMasks, selectEast, selectMagnitude } from '../src/core/east/select';
import { maskedBytes } from '../src/core/east/stored-bytes';
import type { Selection, SelectionLayer, SelectionOptions } from '../src/core/east/selection';
import { estimatedBytes, sampleLayer } from '../src/core/east/size-estimate';
import { weightedLayers, weightShape } from '../src/core/graph/graph';
import type { QuantizedModel } from '../src/core/quant/model';
import { WEIGHT_FORMATS } from '../src/core/formats/formats';
import { formatPercent } from '../src/core/report/format';
import { fillMeasured } from './lib/measured';
import { millionWeights } from './lib/million-weights';
import {
  pruningLayers,
  publishedModels,
  trainedModels,
  type NamedModel,
} from './lib/weight-corpus';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({ options: { runs: { type: 'string' } } });
const BUDGETS = [0.9, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1];

/** Axes from slowest to fastest, of [output, row, column, input]; `kept` sorts output channels by how many weights stay. */
const ORDERS: Readonly<Record<string, readonly number[] | 'kept'>> = {
  'output, input, row, column': [0, 3, 1, 2],
  'row, column, output, input': [1, 2, 0, 3],
  'row, column, input, output': [1, 2, 3, 0],
  'input, row, column, output': [3, 1, 2, 0],
  'output channels by kept weights': 'kept',
};

const trained = options.runs === undefined ? [] : trainedModels(options.runs);
const networks: NamedModel[] = [
  ...publishedModels(root),
  ...trained.flatMap(({ name, encoded }) =>
    name === 'pretraining' ? [{ name: 'resnet9 of width 8', model: encoded.model }] : [],
  ),
];
const million = millionWeights();

const estimate = measureEstimate();
const selection = measureSelection();
const order = networks.filter(({ name }) => !name.includes('dscnn')).map(measureOrders);

mkdirSync(join(root, 'bench/results'), { recursive: true });
writeFileSync(
  join(root, 'bench/results/selection.json'),
  `${JSON.stringify(
    {
      machine: `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
      networks: networks.map(({ name }) => name),
      estimate,
      selection,
      order,
    },
    null,
    2,
  )}\n`,
);
const seconds = (of: string): string => {
  const found = selection.filter(({ what }) => what === of).map(({ seconds: s }) => s);
  return `${Math.min(...found)} to ${Math.max(...found)} s`;
};
fillMeasured(
  root,
  'selection',
  [
    `- Masks for 2^20 weights at ${selection[0]!.budgets}: ${seconds('east, next')} of processor time for the next selection of a training, ${seconds('east, first')} for the first; unstructured magnitude ${seconds('magnitude, next')}. Formats and masks together (\`"weights": "auto"\`, once a run): ${seconds('formats')}.`,
    `- Sizes estimated from samples, of whole networks: off by ${formatPercent(estimate.networks.median, 2)} in the median, ${formatPercent(estimate.networks.worst, 2)} at worst; of single layers that are sampled ${formatPercent(estimate.layers.median, 2)} and ${formatPercent(estimate.layers.worst, 2)}; in ${formatPercent(estimate.time, 0)} of the encoder's time on 2^20 weights.`,
    ...order.map(
      ({ network, best }) =>
        `- ${network}: the best other byte order for each layer would save ${formatPercent(best, 2)} of the bytes.`,
    ),
  ].join('\n'),
);

interface Spread {
  readonly count: number;
  readonly median: number;
  readonly worst: number;
}

/** Relative errors, absolute values. */
function measureEstimate(): {
  readonly networks: Spread;
  readonly layers: Spread;
  readonly time: number;
} {
  const ofNetworks: number[] = [];
  const ofLayers: number[] = [];
  const time = { exact: 0, estimated: 0 };
  const sets = [
    million,
    ...networks.flatMap(({ model }) =>
      WEIGHT_FORMATS.map((format) => pruningLayers(model, format)),
    ),
  ];
  for (const layers of sets) {
    for (const select of [selectEast, selectMagnitude]) {
      for (const masks of masksAt(layers, select)) {
        let started = process.cpuUsage();
        const exact = maskedBytes(layers, masks);
        if (layers === million) time.exact += process.cpuUsage(started).user;
        started = process.cpuUsage();
        const samples = layers.map((layer) => sampleLayer(layer));
        const estimated = estimatedBytes(samples, restricted(layers, masks));
        if (layers === million) time.estimated += process.cpuUsage(started).user;
        ofNetworks.push(Math.abs(estimated.total / exact.total - 1));
        exact.layerBytes.forEach((bytes, l) => {
          const error = Math.abs(estimated.layerBytes[l]! / bytes - 1);
          // The others are encoded whole.
          if (layers[l]!.tileSymbols.length > 1 && layers[l]!.symbols.length > 8192)
            ofLayers.push(error);
        });
      }
    }
  }
  const result = {
    networks: spread(ofNetworks),
    layers: spread(ofLayers),
    time: time.estimated / time.exact,
  };
  console.log(JSON.stringify(result));
  return result;
}

/** To the samples: which weights those are does not depend on what they are, so the masks may stand for them. */
function restricted(layers: readonly SelectionLayer[], masks: readonly Uint8Array[]): Uint8Array[] {
  return layers.map((layer, l) =>
    sampleLayer({ ...layer, symbols: masks[l]! }).layer.symbols.slice(),
  );
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    count: sorted.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    worst: sorted.at(-1) ?? 0,
  };
}

function masksAt(
  layers: readonly SelectionLayer[],
  select: (
    layers: readonly SelectionLayer[],
    budget: number,
    options?: SelectionOptions,
  ) => Selection,
): (readonly Uint8Array[])[] {
  const dense = layers.reduce((sum, { symbols }) => sum + symbols.length, 0);
  let last: Selection | undefined;
  return BUDGETS.map((share) => {
    last = select(layers, Math.floor(share * dense), last ?? {});
    return last.masks;
  });
}

/** Processor seconds over a million Gaussian weights, at three budgets. */
function measureSelection(): {
  readonly what: string;
  readonly budgets: string;
  readonly budget: number;
  readonly seconds: number;
}[] {
  const dense = million.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const budgets = [0.5, 0.25, 0.1];
  const timed = <T>(what: string, budget: number, run: () => T): T => {
    const started = process.cpuUsage();
    const result = run();
    const row = {
      what,
      budgets: budgets.map((b) => formatPercent(b, 0)).join(', '),
      budget,
      seconds: Number((process.cpuUsage(started).user / 1e6).toFixed(1)),
    };
    rows.push(row);
    console.log(`${row.seconds} s: ${what} at ${formatPercent(budget, 0)}`);
    return result;
  };
  const rows: { what: string; budgets: string; budget: number; seconds: number }[] = [];
  const candidates = WEIGHT_FORMATS.map((format) => millionWeights(format));
  for (const budget of budgets) {
    const bytes = Math.floor(budget * dense);
    for (const [name, select] of [
      ['east', selectEast],
      ['magnitude', selectMagnitude],
    ] as const) {
      const first = timed(`${name}, first`, budget, () => select(million, bytes));
      timed(`${name}, next`, budget, () => select(million, Math.floor(0.98 * bytes), first));
    }
    timed('formats', budget, () =>
      chooseCandidates(
        million.map((_, l) =>
          candidates.map((layers) => ({ layer: layers[l]!, loss: layers[l]!.loss })),
        ),
        bytes,
        byteMasks.east,
      ),
    );
  }
  return rows;
}

/**
 * Bytes of int8 layers that magnitude pruned to a quarter, in other orders than storage order (output channel, row,
 * column, input channel); and the nats EAST loses where it selects in that order. Each layer in one block, so that
 * what differs is the order alone.
 */
function measureOrders({ name, model }: NamedModel): {
  readonly network: string;
  readonly storage: number;
  readonly others: Readonly<Record<string, number>>;
  readonly best: number;
  readonly eastLost: Readonly<Record<string, number>>;
} {
  const layers = pruningLayers(model, 'int8').map((layer) => ({
    ...layer,
    tileSymbols: [layer.symbols.length],
  }));
  const dense = layers.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const quarter = Math.floor(dense / 4);
  const { masks, layerBytes } = selectMagnitude(layers, quarter);
  const storage = layerBytes.reduce((sum, bytes) => sum + bytes, 0);
  const least = [...layerBytes];
  const others: Record<string, number> = {};
  const eastLost: Record<string, number> = {};
  const lostIn = (ordered: readonly SelectionLayer[]): number =>
    Number(distortion(ordered, selectEast(ordered, quarter).masks).toFixed(4));
  eastLost['storage'] = lostIn(layers);
  for (const [orderName, axes] of Object.entries(ORDERS)) {
    const permutations = permutationsOf(model, masks, axes);
    const ordered = layers.map((layer, l) => permute(layer, permutations[l]!));
    const bytes = maskedBytes(
      ordered,
      masks.map((mask, l) => Uint8Array.from(permutations[l]!, (i) => mask[i]!)),
    );
    others[orderName] = bytes.total;
    eastLost[orderName] = lostIn(ordered);
    bytes.layerBytes.forEach((n, l) => (least[l] = Math.min(least[l]!, n)));
  }
  const best = 1 - least.reduce((sum, bytes) => sum + bytes, 0) / storage;
  const result = { network: name, storage, others, best, eastLost };
  console.log(JSON.stringify(result));
  return result;
}

/** By layer: for each place the index in storage order of the weight that comes there. */
function permutationsOf(
  { graph }: QuantizedModel,
  masks: readonly Uint8Array[],
  axes: readonly number[] | 'kept',
): Int32Array[] {
  return weightedLayers(graph).map((layer, l) => {
    const shape = weightShape(layer);
    const mask = masks[l]!;
    if (axes === 'kept') {
      const each = mask.length / shape[0]!;
      const kept = (channel: number): number =>
        mask.subarray(channel * each, (channel + 1) * each).reduce((sum, bit) => sum + bit, 0);
      const channels = Array.from({ length: shape[0]! }, (_, c) => c).sort(
        (a, b) => kept(a) - kept(b),
      );
      return Int32Array.from(mask, (_, i) => channels[Math.floor(i / each)]! * each + (i % each));
    }
    // A dense layer has [outputs, inputs] only.
    const full = shape.length === 4 ? shape : [shape[0]!, 1, 1, shape[1]!];
    const strides = full.map((_, axis) => full.slice(axis + 1).reduce((a, b) => a * b, 1));
    return Int32Array.from(mask, (_, place) => {
      let rest = place;
      let index = 0;
      for (const axis of [...axes].reverse()) {
        index += (rest % full[axis]!) * strides[axis]!;
        rest = Math.floor(rest / full[axis]!);
      }
      return index;
    });
  });
}

function permute(layer: SelectionLayer, from: Int32Array): SelectionLayer {
  return {
    ...layer,
    symbols: Uint8Array.from(from, (i) => layer.symbols[i]!),
    saliency: Float32Array.from(from, (i) => layer.saliency[i]!),
  };
}
