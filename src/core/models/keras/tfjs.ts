/** Layers models of TensorFlow.js: `model.json` with Keras's description, and files of weights beside it. */
import * as v from 'valibot';
import { UserError } from '../../util/errors';
import { checkStored, count } from '../../util/stored';
import type { FileFacts, LoadedModel, ReadBeside } from '../model';
import { float16 } from './hdf5';
import type { KerasFile } from './keras';
import { factsOf, makeNetwork, parseJson } from './keras';
import { readNetwork } from './network';
import type { Tensor } from './tensor';
import type { NamedWeight } from './weight-store';
import { NamedWeights } from './weight-store';

const MODEL = v.object({
  format: v.optional(v.string()),
  modelTopology: v.unknown(),
  weightsManifest: v.array(
    v.object({
      paths: v.array(v.string()),
      weights: v.array(
        v.object({
          name: v.string(),
          shape: v.array(count),
          dtype: v.string(),
          quantization: v.optional(
            v.object({
              dtype: v.picklist(['uint8', 'uint16', 'float16']),
              scale: v.optional(v.number()),
              min: v.optional(v.number()),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** Converted from Keras the description lies in an object of its own; saved by TensorFlow.js it is all there is. */
const TOPOLOGY = v.object({ model_config: v.unknown(), keras_version: v.optional(v.string()) });

type Spec = v.InferOutput<typeof MODEL>['weightsManifest'][number]['weights'][number];

/** @throws UserError for what is damaged or cannot be computed here */
export function loadTfjs(bytes: Uint8Array, beside: ReadBeside): LoadedModel {
  return makeNetwork(openTfjs(bytes, beside));
}

/** @throws UserError for what is damaged */
export function inspectTfjs(bytes: Uint8Array, beside: ReadBeside): FileFacts {
  return factsOf(openTfjs(bytes, beside));
}

function openTfjs(bytes: Uint8Array, beside: ReadBeside): KerasFile {
  const checked = checkStored(MODEL, parseJson(bytes, 'content'));
  if ('problem' in checked) {
    throw new UserError(`This is no model of TensorFlow.js (${checked.problem}).`);
  }
  const { format, modelTopology, weightsManifest } = checked.value;
  if (format === 'graph-model') {
    throw new UserError(
      'This is a graph model of TensorFlow.js, whose layers are taken apart; layers models can be read. Convert the network it was made of with tensorflowjs_converter --output_format=tfjs_layers_model, or use that network itself.',
    );
  }
  const nested = checkStored(TOPOLOGY, modelTopology);
  const description =
    'value' in nested && nested.value.model_config !== undefined
      ? nested.value.model_config
      : modelTopology;
  const weights = weightsManifest.flatMap(({ paths, weights: specs }) =>
    weightsIn(joined(paths.map(beside)), specs),
  );
  return {
    format: 'TensorFlow.js',
    network: readNetwork(description),
    weights: new NamedWeights(new Map([['', weights]])),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
}

/** Weights lie one after the other in the order of the manifest. */
function weightsIn(bytes: Uint8Array, specs: readonly Spec[]): NamedWeight[] {
  let next = 0;
  const weights = specs.map((spec): NamedWeight => {
    const at = next;
    const size = spec.shape.reduce((product, n) => product * n, 1);
    const length = size * widthOf(spec);
    next += length;
    if (next > bytes.length) {
      throw new UserError(
        `The files of weights are cut off or not those of this model.json: they have ${bytes.length} bytes, "${spec.name}" ends at ${next}.`,
      );
    }
    return { ...spec, read: () => readWeight(bytes.subarray(at, at + length), size, spec) };
  });
  if (next !== bytes.length) {
    throw new UserError(
      `The files of weights are not those of this model.json: they have ${bytes.length} bytes, it says ${next}.`,
    );
  }
  return weights;
}

function widthOf({ name, dtype, quantization }: Spec): number {
  const width = { float32: 4, int32: 4, uint8: 1, bool: 1, uint16: 2, float16: 2 };
  const found = new Map(Object.entries(width)).get(quantization?.dtype ?? dtype);
  if (found !== undefined) return found;
  throw new UserError(`"${name}" is of the type ${dtype}, which is not supported; float32 is.`);
}

function readWeight(bytes: Uint8Array, size: number, spec: Spec): Tensor {
  const { shape, dtype, quantization } = spec;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { scale = 1, min = 0 } = quantization ?? {};
  const read = {
    float32: (i: number) => view.getFloat32(4 * i, true),
    int32: (i: number) => view.getInt32(4 * i, true),
    uint8: (i: number) => view.getUint8(i) * scale + min,
    bool: (i: number) => view.getUint8(i),
    uint16: (i: number) => view.getUint16(2 * i, true) * scale + min,
    float16: (i: number) => float16(view.getUint16(2 * i, true)),
  };
  const value = new Map(Object.entries(read)).get(quantization?.dtype ?? dtype);
  const values = Float32Array.from({ length: size }, (_, i) => value?.(i) ?? 0);
  return { shape, values };
}
