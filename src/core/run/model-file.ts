/**
 * The encoded model of a finished run as a container: enough to write the firmware, verify it and make the report
 * again without training.
 */
import type { Normalization } from '../dataset/dataset';
import type { EncodedLayer, EncodedModel, Tile } from '../firmware/encoded-model';
import type { Graph } from '../graph/graph';
import { outputSize } from '../graph/graph';
import type { QuantizedLayer, TensorQuantization } from '../quant/model';
import { isWeightFormat } from '../formats/formats';
import { isTaskKind, type TaskKind } from '../tasks/tasks';
import { UserError } from '../util/errors';
import type { Container, ContainerArray } from './container';

/** What goes with the network but is not computed by it: how inputs are made and what outputs mean. */
export interface ModelInfo {
  readonly normalization: Normalization;
  readonly task: TaskKind;
  /** What the outputs are called, in their order. */
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
  readonly graph: Graph & { readonly classes: number };
  readonly tensors: Readonly<Record<string, TensorQuantization>>;
  /** Names of the quantised layers. */
  readonly quantized: readonly string[];
  /** In the order of the blob. */
  readonly layers: readonly LayerMeta[];
}

export function encodeModel(encoded: EncodedModel, info: ModelInfo): Container {
  const { graph, tensors, layers } = encoded.model;
  const arrays: Record<string, ContainerArray> = { blob: encoded.blob };
  for (const [name, layer] of Object.entries(layers)) {
    arrays[`${name}/weights`] = layer.weights;
    arrays[`${name}/weightScales`] = layer.weightScales;
    arrays[`${name}/bias`] = layer.bias;
    arrays[`${name}/multiplier`] = layer.multiplier;
    arrays[`${name}/shift`] = layer.shift;
  }
  for (const layer of encoded.layers) {
    layer.tiles.forEach((tile, i) => {
      arrays[`${layer.name}/tile/${i}`] = tile.stored;
    });
  }
  const meta: ModelMeta = {
    kind: 'encoded-model',
    version: 1,
    normalization: info.normalization,
    classNames: info.outputNames,
    ...(info.task === 'classification' ? {} : { task: info.task }),
    graph: { inputShape: graph.inputShape, classes: outputSize(graph), layers: graph.layers },
    tensors,
    quantized: Object.keys(layers),
    layers: encoded.layers.map(({ name, representation, tiles }) => ({
      name,
      representation,
      tiles: tiles.map(({ firstChannel, channels, weights, codec }) => ({
        firstChannel,
        channels,
        rawBytes: weights,
        storage: codec,
      })),
    })),
  };
  return { meta, arrays };
}

/** Throws UserError naming `file` where the container is not an encoded model. */
export function decodeModel(
  { meta, arrays }: Container,
  file: string,
): ModelInfo & { readonly encoded: EncodedModel } {
  if (!isModelMeta(meta)) {
    throw new UserError('the file is not an encoded model of this version of EAST', {
      file,
    });
  }
  const array = <T extends ContainerArray>(
    name: string,
    type: abstract new (...args: never[]) => T,
  ): T => {
    const found = arrays[name];
    if (found instanceof type) return found;
    throw new UserError(`the encoded model is incomplete (${name} is missing)`, {
      file,
    });
  };
  const { task = 'classification' } = meta;
  if (!isTaskKind(task)) {
    throw new UserError(
      `the model's task is ${String(task)}, which this version of EAST does not know; train it again in a new run`,
      { file },
    );
  }
  for (const { name, representation } of meta.layers) {
    if (isWeightFormat(representation.packing)) continue;
    throw new UserError(
      `layer ${name} has weights in the format ${representation.packing}, which this version of EAST does not know; train it again in a new run`,
      { file },
    );
  }
  const layers: Record<string, QuantizedLayer> = {};
  for (const name of meta.quantized) {
    layers[name] = {
      weights: array(`${name}/weights`, Int8Array),
      weightScales: array(`${name}/weightScales`, Float64Array),
      bias: array(`${name}/bias`, Int32Array),
      multiplier: array(`${name}/multiplier`, Int32Array),
      shift: array(`${name}/shift`, Int32Array),
    };
  }
  const encoded = {
    model: {
      graph: { inputShape: meta.graph.inputShape, layers: meta.graph.layers },
      tensors: meta.tensors,
      layers,
    },
    layers: meta.layers.map((layer) => ({
      name: layer.name,
      representation: layer.representation,
      tiles: layer.tiles.map(({ firstChannel, channels, rawBytes, storage }, i): Tile => ({
        firstChannel,
        channels,
        weights: rawBytes,
        codec: storage,
        stored: array(`${layer.name}/tile/${i}`, Uint8Array),
      })),
    })),
    blob: array('blob', Uint8Array),
  };
  const { normalization, classNames: outputNames } = meta;
  return { encoded, normalization, task, outputNames };
}

/** The container's checksum vouches for the content; kind and version say what it is. */
function isModelMeta(meta: unknown): meta is ModelMeta {
  return (
    typeof meta === 'object' &&
    meta !== null &&
    'kind' in meta &&
    meta.kind === 'encoded-model' &&
    'version' in meta &&
    meta.version === 1
  );
}
