/** Networks that Keras saved: `.keras` of Keras 3 (and late 2), `.h5` of both, and TensorFlow.js layers models. */
import { ZipArchive } from '../../dataset/zip-archive';
import { INPUT } from '../../graph/graph';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import { isRecord } from '../../util/is-record';
import type { FileFacts, LoadedModel, NormalizationHint, OperatorCount } from '../model';
import { NetworkBuilder } from '../network-builder';
import { Hdf5File } from './hdf5';
import type { Value } from './call';
import { planeOf } from './call';
import { isSupported, readCall } from './layers';
import type { KerasCall, KerasNetwork } from './network';
import { readNetwork } from './network';
import { Settings } from './settings';
import type { WeightStore } from './weight-store';
import { legacyWeights, NumberedWeights } from './weight-store';

const KERAS_ARCHIVE = { ending: '.keras', entries: 'files', savedWith: 'model.save of Keras 3' };

/** What all of Keras's files hold, however. */
export interface KerasFile {
  /** As users call it. */
  readonly format: string;
  readonly network: KerasNetwork;
  readonly weights: WeightStore;
}

/** @throws UserError for what is damaged or cannot be computed here */
export function loadKeras(bytes: Uint8Array): LoadedModel {
  return makeNetwork(openKeras(bytes));
}

/** @throws UserError for what is damaged */
export function inspectKeras(bytes: Uint8Array): FileFacts {
  return factsOf(openKeras(bytes));
}

/** An archive or an HDF5 file, whatever it is called. */
function openKeras(bytes: Uint8Array): KerasFile {
  const isArchive = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return isArchive ? openArchive(bytes) : openLegacy(bytes);
}

function openArchive(bytes: Uint8Array): KerasFile {
  const archive = new ZipArchive(bytes, undefined, KERAS_ARCHIVE);
  const unpack = (name: string): Uint8Array => {
    const entry = archive.entries.find((one) => one.name === name);
    if (entry !== undefined) return archive.unpack(entry);
    const others = archive.entries.slice(0, 5).map((one) => one.name);
    throw new UserError(
      `The archive has no ${name} (but ${others.join(', ') || 'nothing'}). A network that Keras saves with model.save("….keras") has one.`,
    );
  };
  const network = readNetwork(parseJson(unpack('config.json'), 'config.json'));
  const weights = new NumberedWeights(new Hdf5File(unpack('model.weights.h5')));
  return { format: `Keras${versionIn(archive, unpack)}`, network, weights };
}

function versionIn(archive: ZipArchive, unpack: (name: string) => Uint8Array): string {
  if (!archive.entries.some(({ name }) => name === 'metadata.json')) return '';
  const metadata = parseJson(unpack('metadata.json'), 'metadata.json');
  const version = isRecord(metadata) ? metadata['keras_version'] : undefined;
  return typeof version === 'string' && /^\d+(\.\d+){1,3}$/.test(version) ? ` ${version}` : '';
}

function openLegacy(bytes: Uint8Array): KerasFile {
  const file = new Hdf5File(bytes);
  const config = file.text('/', 'model_config');
  if (config === undefined) {
    throw new UserError(
      'The file holds weights alone, not the network. Save both with model.save("….keras").',
    );
  }
  const version = file.text('/', 'keras_version') ?? '';
  const known = /^\d+(\.\d+){1,3}/.exec(version)?.[0];
  return {
    format: `Keras${known === undefined ? '' : ` ${known}`} HDF5`,
    network: readNetwork(parseJson(Buffer.from(config), 'model_config')),
    weights: legacyWeights(file),
  };
}

export function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return value;
  } catch (error) {
    throw new UserError(`Its ${name} is no JSON.`, { cause: error });
  }
}

/** @throws UserError for layers that cannot be computed here */
export function makeNetwork(file: KerasFile): LoadedModel {
  const { network, weights } = file;
  const [input] = network.inputs;
  if (input === undefined || network.inputs.length > 1) {
    const names = network.inputs.map(({ layer }) => `"${layer.name}"`);
    throw new UserError(
      `The network has ${network.inputs.length} inputs (${names.join(', ')}); one is supported. Join them into one input and take it apart in the network.`,
    );
  }
  const readers = readersOf(network);
  const shape = inputShape(input);
  const [first] = readers.get(input) ?? [];
  const builder = new NetworkBuilder(firstPlane(shape, readers.get(input) ?? []));
  let normalization: NormalizationHint | undefined;
  const values = new Map<KerasCall, Value>([[input, { layer: INPUT, shape }]]);
  for (const call of network.calls) {
    if (values.has(call)) continue;
    if (call.layer.className === 'InputLayer') continue;
    const inputs = call.inputs.map((one) => {
      const value = values.get(one);
      if (value === undefined) throw new Error(`"${one.layer.name}" has not been read.`);
      return value;
    });
    const value = readCall(call, inputs, {
      builder,
      weights,
      isKeras3: /Keras 3\b/.test(file.format),
      readsInputAlone: (one) =>
        one === first && readers.get(input)?.length === 1 && !network.outputs.includes(input),
      normalized: (hint) => {
        normalization = hint;
      },
    });
    values.set(call, value);
  }
  const outputs = network.outputs.map((call) => {
    const value = values.get(call);
    if (value?.padding === undefined) return value?.layer ?? INPUT;
    throw new UserError(`Layer "${call.layer.name}" pads an output of the network. Leave it out.`);
  });
  return builder.finish(outputs, {
    ...factsOf(file),
    ...defined({ normalization }),
  });
}

/** Who reads what each call puts out. */
function readersOf({ calls }: KerasNetwork): Map<KerasCall, KerasCall[]> {
  const readers = new Map<KerasCall, KerasCall[]>();
  for (const call of calls) {
    for (const input of call.inputs) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [call]);
      else list.push(call);
    }
  }
  return readers;
}

/** Where the network begins by shaping its input, what it makes of it is the input: the values lie the same. */
function firstPlane(
  shape: readonly number[],
  readers: readonly KerasCall[],
): ReturnType<typeof planeOf> {
  const [reader] = readers;
  if (reader?.layer.className !== 'Reshape' || readers.length > 1) return planeOf(shape);
  const target = new Settings(reader.layer.config, '').any('target_shape');
  const list: readonly unknown[] = Array.isArray(target) ? target : [];
  const sizes = list.filter((n): n is number => typeof n === 'number' && n > 0);
  const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);
  const fits = sizes.length === list.length && sizes.length <= 3;
  return fits && product(sizes) === product(shape) ? planeOf(sizes) : planeOf(shape);
}

function inputShape({ layer }: KerasCall): number[] {
  const where = `Input "${layer.name}"`;
  const said = shapeIn(layer.config);
  if (said === undefined) throw new UserError(`${where} does not say its shape.`);
  const [, ...shape] = said;
  const open = shape.some((n) => n < 0);
  if (open || shape.length < 1 || shape.length > 3 || shape.some((n) => n === 0)) {
    const text = said.map((n) => (n < 0 ? 'None' : String(n))).join(', ');
    throw new UserError(
      `${where} has the shape (${text}); one to three fixed dimensions behind the batch are supported. ` +
        'Build the network with keras.Input of the size that the chip gets, and set the same weights.',
    );
  }
  return shape;
}

/** With −1 for dimensions that are open. */
function shapeIn(config: Readonly<Record<string, unknown>>): number[] | undefined {
  const said = config['batch_shape'] ?? config['batch_input_shape'];
  if (!Array.isArray(said)) return undefined;
  const list: readonly unknown[] = said;
  const shape = list.map((n) => (n === null ? -1 : n));
  const sizes = shape.filter((n): n is number => Number.isSafeInteger(n));
  return sizes.length === shape.length ? sizes : undefined;
}

export function factsOf({ format, network, weights }: KerasFile): FileFacts {
  const [input] = network.inputs;
  const shape = input === undefined ? undefined : shapeIn(input.layer.config);
  return {
    format,
    operators: countLayers(network),
    weightsType: 'float32',
    parameters: weights.count(),
    ...defined({ inputName: input?.layer.name, inputShape: shape }),
    outputNames: network.outputs.map(({ layer }) => layer.name),
    notes: [],
  };
}

/** Layers of a network by their classes, each once however often it is called. */
function countLayers({ calls }: KerasNetwork): OperatorCount[] {
  const layers = new Set<string>();
  const counts = new Map<string, OperatorCount>();
  for (const { layer } of calls) {
    const id = layer.scope.join('/');
    if (layer.className === 'InputLayer' || layers.has(id)) continue;
    layers.add(id);
    const count = (counts.get(layer.className)?.count ?? 0) + 1;
    const unsupported = isSupported(layer) ? {} : { unsupported: true as const };
    counts.set(layer.className, { name: layer.className, count, ...unsupported });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
