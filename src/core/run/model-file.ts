/**
 * The encoded model of a finished run as a container: enough to write the firmware, verify it and make the report
 * again without training.
 */
import * as v from 'valibot';
import type { Normalization } from '../dataset/dataset';
import { CODECS, type Codecs } from '../codecs/codecs';
import type { EncodedLayer, EncodedModel, Tile } from '../firmware/encoded-model';
import type { FrontendModel } from '../frontends/frontend';
import type { Graph } from '../graph/graph';
import { outputSize } from '../graph/graph';
import { scoringGraph } from '../graph/scores';
import { checkGraph } from '../graph/stored-graph';
import type { QuantizedConstants, QuantizedLayer, TensorQuantization } from '../quant/model';
import { isWeightFormat } from '../formats/formats';
import type { TaskFacts } from '../tasks/facts';
import { isTaskKind, type TaskKind } from '../tasks/tasks';
import { UserError } from '../util/errors';
import {
  checkStored,
  count,
  identifier,
  int8,
  number,
  positive,
  shorten,
  size,
  type Every,
} from '../util/stored';
import { modelProblem } from './check-model';
import {
  frontendMeta,
  frontendProblem,
  frontendSchema,
  type FrontendMeta,
} from './stored-frontend';
import type { Container, ContainerArray } from './container';
import { defined, ifDefined } from '../util/defined';

/** What goes with the network but is not computed by it: how inputs are made and what outputs mean. */
export interface ModelInfo {
  readonly normalization: Normalization;
  readonly task: TaskKind;
  /** What of the task was measured; absent where nothing is. */
  readonly facts?: TaskFacts;
  /** What the outputs are called, number by number, in their order. */
  readonly outputNames: readonly string[];
}

/** With the names that the first files had. */
interface TileMeta {
  readonly firstChannel: number;
  readonly channels: number;
  /** Its weights. */
  readonly rawBytes: number;
  /** Id of its codec. */
  readonly storage: string;
  /** Which of the tables that tiles share it is stored with, where it is with any. */
  readonly table?: number;
}

interface LayerMeta {
  readonly name: string;
  readonly representation: EncodedLayer['representation'];
  readonly tiles: readonly TileMeta[];
}

/** The header. It is older than tasks: outputs are classes in it, and a task is named only where it is another. */
interface ModelMeta {
  readonly kind: 'encoded-model';
  readonly version: 1;
  readonly normalization: Normalization;
  readonly classNames: readonly string[];
  readonly task?: TaskKind;
  readonly facts?: TaskFacts;
  readonly graph: Graph & { readonly classes: number };
  readonly tensors: Readonly<Record<string, TensorQuantization>>;
  /** Names of the quantised layers. */
  readonly quantized: readonly string[];
  /** How the constants are quantised, by layer and name; absent where no layer owns any. */
  readonly constants?: Readonly<Record<string, Readonly<Record<string, TensorQuantization>>>>;
  /** Absent where the network takes what is stored. */
  readonly frontend?: FrontendMeta;
  /** In the order of the blob. */
  readonly layers: readonly LayerMeta[];
}

export function encodeModel(encoded: EncodedModel, info: ModelInfo): Container {
  const { graph, tensors, layers, constants, frontend } = encoded.model;
  const arrays: Record<string, ContainerArray> = { blob: encoded.blob };
  for (const [name, layer] of Object.entries(layers)) {
    arrays[`${name}/weights`] = layer.weights;
    arrays[`${name}/weightScales`] = layer.weightScales;
    arrays[`${name}/bias`] = layer.bias;
    arrays[`${name}/multiplier`] = layer.multiplier;
    arrays[`${name}/shift`] = layer.shift;
  }
  for (const [layer, its] of Object.entries(constants ?? {})) {
    for (const [name, { values }] of Object.entries(its)) {
      arrays[`${layer}/constant/${name}`] = values;
    }
  }
  if (frontend !== undefined) {
    arrays['frontend/offset'] = frontend.offset;
    arrays['frontend/scale'] = frontend.scale;
  }
  const tables = new Map<Uint8Array, number>();
  for (const layer of encoded.layers) {
    layer.tiles.forEach(({ stored, table }, i) => {
      arrays[`${layer.name}/tile/${i}`] = stored;
      if (table === undefined || tables.has(table)) return;
      arrays[`table/${tables.size}`] = table;
      tables.set(table, tables.size);
    });
  }
  const meta: ModelMeta = {
    kind: 'encoded-model',
    version: 1,
    normalization: info.normalization,
    classNames: info.outputNames,
    ...(info.task === 'classification' ? {} : { task: info.task }),
    ...defined({ facts: info.facts }),
    graph: {
      inputShape: graph.inputShape,
      classes: outputSize(graph),
      layers: graph.layers,
      ...defined({ outputs: graph.outputs }),
    },
    tensors,
    quantized: Object.keys(layers),
    ...defined({
      constants: ifDefined(constants, quantizationsOf),
      frontend: ifDefined(frontend, frontendMeta),
    }),
    layers: encoded.layers.map(({ name, representation, tiles }) => ({
      name,
      representation,
      tiles: tiles.map(({ firstChannel, channels, weights, codec, table }) => {
        const index = table && tables.get(table);
        return {
          firstChannel,
          channels,
          rawBytes: weights,
          storage: codec,
          ...defined({ table: index }),
        };
      }),
    })),
  };
  return { meta, arrays };
}

const tileSchema: v.GenericSchema<unknown, TileMeta> = v.object({
  firstChannel: count,
  channels: size,
  rawBytes: size,
  storage: v.string(),
  table: v.exactOptional(count),
} satisfies Every<TileMeta>);

const affine = v.object({ scale: positive, zeroPoint: int8 });

const factsSchema: v.GenericSchema<unknown, TaskFacts> = v.object({
  targets: v.exactOptional(v.object({ mean: v.array(number), std: v.array(positive) })),
  spread: v.exactOptional(v.array(positive)),
  threshold: v.exactOptional(number),
  falseAlarms: v.exactOptional(number),
  anomalies: v.exactOptional(v.picklist(['test', 'validation and test'])),
} satisfies Every<TaskFacts>);

const metaSchema = v.object({
  kind: v.literal('encoded-model'),
  version: v.literal(1),
  normalization: v.object({
    kind: v.picklist(['uint8', 'float']),
    mean: v.array(number),
    std: v.array(positive),
    guessed: v.exactOptional(v.literal(true)),
  }),
  classNames: v.array(v.string()),
  task: v.exactOptional(v.string()),
  facts: v.exactOptional(factsSchema),
  /** Checked by itself. */
  graph: v.unknown(),
  tensors: v.record(v.string(), affine),
  quantized: v.array(identifier),
  constants: v.exactOptional(v.record(v.string(), v.record(v.string(), affine))),
  frontend: v.exactOptional(frontendSchema),
  layers: v.array(
    v.object({
      name: identifier,
      representation: v.object({
        bits: positive,
        packing: v.string(),
        order: v.literal('storage'),
      }),
      tiles: v.array(tileSchema),
    }),
  ),
});

/**
 * Throws UserError naming `file`, and the field in it, where the container is not an encoded model: whoever wrote it may
 * have given it a checksum that is right.
 */
export function decodeModel(
  { meta: stored, arrays }: Container,
  file: string,
  codecs: Codecs = CODECS,
): ModelInfo & { readonly encoded: EncodedModel } {
  const damaged = (problem: string): UserError =>
    new UserError(`the encoded model is damaged, or of another version of EAST (${problem})`, {
      file,
    });
  const checked = checkStored(metaSchema, stored);
  if ('problem' in checked) throw damaged(checked.problem);
  const meta = checked.value;
  const graph = checkGraph(meta.graph);
  if ('problem' in graph) throw damaged(`graph.${graph.problem}`);
  const { task = 'classification' } = meta;
  if (!isTaskKind(task)) {
    throw new UserError(
      `the model's task is ${shorten(task)}, which this version of EAST does not know; train it again in a new run`,
      { file },
    );
  }
  const used = new Set<string>();
  const array = <T extends ContainerArray>(
    name: string,
    type: abstract new (...args: never[]) => T,
  ): T => {
    const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    used.add(name);
    if (found instanceof type) return found;
    throw damaged(`the array ${name} is missing`);
  };
  const quantized = meta.quantized.map((name): [string, QuantizedLayer] => [
    name,
    {
      weights: array(`${name}/weights`, Int8Array),
      weightScales: array(`${name}/weightScales`, Float64Array),
      bias: array(`${name}/bias`, Int32Array),
      multiplier: array(`${name}/multiplier`, Int32Array),
      shift: array(`${name}/shift`, Int32Array),
    },
  ]);
  const constantsFrom = (stored: NonNullable<ModelMeta['constants']>): QuantizedConstants =>
    byLayer(stored, (quantization, layer, name) => ({
      values: array(`${layer}/constant/${name}`, Int8Array),
      quantization,
    }));
  const frontendFrom = (stored: FrontendMeta): FrontendModel => ({
    ...stored,
    offset: array('frontend/offset', Int32Array),
    scale: array('frontend/scale', Int32Array),
  });
  const frontend = ifDefined(meta.frontend, frontendFrom);
  const encoded: EncodedModel = {
    model: {
      graph: graph.value,
      tensors: meta.tensors,
      layers: Object.fromEntries(quantized),
      ...defined({ constants: ifDefined(meta.constants, constantsFrom), frontend }),
    },
    layers: meta.layers.map(({ name, representation: { bits, packing, order }, tiles }) => {
      if (!isWeightFormat(packing)) {
        throw new UserError(
          `layer ${name} has weights in the format ${shorten(packing)}, which this version of EAST does not know; train it again in a new run`,
          { file },
        );
      }
      const strange = tiles.find(({ storage }) => !Object.hasOwn(codecs, storage));
      if (strange !== undefined) {
        throw new UserError(
          `layer ${name} has weights stored by the codec ${shorten(strange.storage)}, which this version of EAST does not know; train it again in a new run`,
          { file },
        );
      }
      return {
        name,
        representation: { bits, packing, order },
        tiles: tiles.map(({ firstChannel, channels, rawBytes, storage, table }, i): Tile => ({
          firstChannel,
          channels,
          weights: rawBytes,
          codec: storage,
          ...defined({ table: ifDefined(table, (n) => array(`table/${n}`, Uint8Array)) }),
          stored: array(`${name}/tile/${i}`, Uint8Array),
        })),
      };
    }),
    blob: array('blob', Uint8Array),
  };
  const unused = Object.keys(arrays).find((name) => !used.has(name));
  const { normalization, classNames: outputNames } = meta;
  const problem =
    (unused === undefined ? undefined : `the array ${unused} is of nothing`) ??
    infoProblem(graph.value, normalization, outputNames) ??
    factsProblem(graph.value, meta.facts) ??
    ifDefined(frontend, (its) =>
      ifDefined(frontendProblem(its, graph.value), (text) => `frontend: ${text}`),
    ) ??
    modelProblem(encoded, codecs);
  if (problem !== undefined) throw damaged(shorten(problem));
  return { encoded, normalization, task, outputNames, ...defined({ facts: meta.facts }) };
}

function quantizationsOf(constants: QuantizedConstants): NonNullable<ModelMeta['constants']> {
  return byLayer(constants, ({ quantization }) => quantization);
}

function byLayer<T, U>(
  table: Readonly<Record<string, Readonly<Record<string, T>>>>,
  map: (value: T, layer: string, name: string) => U,
): Record<string, Record<string, U>> {
  return Object.fromEntries(
    Object.entries(table).map(([layer, its]) => [
      layer,
      Object.fromEntries(
        Object.entries(its).map(([name, value]) => [name, map(value, layer, name)]),
      ),
    ]),
  );
}

/** Whether what goes with the network is for inputs and outputs like its own. */
function infoProblem(
  graph: Graph,
  { mean, std }: Normalization,
  outputNames: readonly string[],
): string | undefined {
  const channels = graph.inputShape[2];
  const fits = (values: readonly number[]): boolean => [1, channels].includes(values.length);
  if (!fits(mean) || !fits(std)) return `normalization: it is not for ${channels} channels`;
  const outputs = outputSize(scoringGraph(graph));
  return outputNames.length === outputs
    ? undefined
    : `classNames: ${outputNames.length} names for ${outputs} outputs`;
}

function factsProblem(graph: Graph, { targets, spread }: TaskFacts = {}): string | undefined {
  const outputs = outputSize(scoringGraph(graph));
  if (spread !== undefined && spread.length !== outputs) {
    return `facts.spread: it is not for ${outputs} outputs`;
  }
  if (targets === undefined) return undefined;
  return targets.mean.length === outputs && targets.std.length === outputs
    ? undefined
    : `facts.targets: they are not for ${outputs} outputs`;
}
