/**
 * Whether an encoded model is one: tensors, arrays, tiles and blob of the same network, and the very weights in all of
 * them. A checksum only says that a file is as it was written, and C sources are made of what it holds.
 */
import { decodeTile } from '../codecs/coding';
import { CODECS, type Codecs } from '../codecs/codecs';
import { holdsTiles } from '../firmware/blob';
import { representation, type EncodedLayer, type EncodedModel } from '../firmware/encoded-model';
import { INPUT, outputChannels, sumCount, weightCount, weightedLayers } from '../graph/graph';
import { executeOp } from '../ops/execute-ops';
import type { WeightedLayer } from '../ops/graph-ops';
import { constantsProblem } from '../quant/constants';
import type { QuantizedLayer } from '../quant/model';
import { UserError } from '../util/errors';

/** The first thing that does not fit, naming where it is; undefined for a sound model. Its graph is sound already. */
export function modelProblem(encoded: EncodedModel, codecs: Codecs = CODECS): string | undefined {
  try {
    return problemOf(encoded, codecs);
  } catch (error) {
    // What reads blobs and tiles, and what computes, says for itself what it cannot work with.
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

function problemOf({ model, layers, blob }: EncodedModel, codecs: Codecs): string | undefined {
  const { graph, tensors } = model;
  const names = [INPUT, ...graph.layers.map(({ name }) => name)];
  const unknown = Object.keys(tensors).find((name) => !names.includes(name));
  if (unknown !== undefined) return `tensors.${unknown}: the network has no such tensor`;
  for (const name of names) {
    if (!Object.hasOwn(tensors, name)) return `tensors.${name}: it is missing`;
  }
  const constants = constantsProblem(graph, model.constants);
  if (constants !== undefined) return constants;
  const weighted = weightedLayers(graph);
  if (Object.keys(model.layers).length !== weighted.length) return 'it has weights of more layers';
  for (const [i, layer] of weighted.entries()) {
    const stored = layers[i];
    if (stored?.name !== layer.name) return `layers.${i}: it is not ${layer.name}`;
    const { bits, packing } = stored.representation;
    if (bits !== representation(packing).bits) return `${layer.name}: ${packing} has other bits`;
    const own = Object.hasOwn(model.layers, layer.name) ? model.layers[layer.name] : undefined;
    if (own === undefined) return `${layer.name}: it has no weights`;
    const problem = arraysProblem(layer, own) ?? tilesProblem(layer, stored, own.weights, codecs);
    if (problem !== undefined) return `${layer.name}: ${problem}`;
  }
  if (layers.length !== weighted.length) return `layers.${weighted.length}: one too many`;
  for (const layer of graph.layers) executeOp(layer.kind).check?.(layer, model);
  return holdsTiles(blob, layers, codecs) ? undefined : 'the blob does not hold the tiles';
}

function arraysProblem(layer: WeightedLayer, own: QuantizedLayer): string | undefined {
  const sums = sumCount(layer);
  const lengths = {
    weights: weightCount(layer),
    weightScales: sums,
    bias: sums,
    multiplier: sums,
    shift: sums,
  };
  for (const [name, array] of Object.entries({ ...own })) {
    const wanted = new Map(Object.entries(lengths)).get(name);
    if (array.length !== wanted) return `${name} has ${array.length} values in place of ${wanted}`;
  }
  if (!own.weightScales.every((scale) => scale > 0 && scale < Infinity)) {
    return 'weightScales: a scale is above 0';
  }
  // As quantizeMultiplier makes them: with others the chip would shift by more than an integer has bits.
  if (!own.multiplier.every((n) => n === 0 || n >= 2 ** 30)) return 'multiplier: it is below 2^30';
  if (!own.shift.every((n) => n >= -31 && n <= 30)) return 'shift: it is not between -31 and 30';
  return undefined;
}

function tilesProblem(
  layer: WeightedLayer,
  { representation, tiles }: EncodedLayer,
  weights: Int8Array,
  codecs: Codecs,
): string | undefined {
  const perChannel = weightCount(layer) / outputChannels(layer);
  let channel = 0;
  let offset = 0;
  for (const [i, tile] of tiles.entries()) {
    if (tile.firstChannel !== channel || tile.weights !== tile.channels * perChannel) {
      return `tile ${i} does not go on where the one before it ends`;
    }
    channel += tile.channels;
    const part = weights.subarray(offset, offset + tile.weights);
    if (part.length !== tile.weights) return `tile ${i} goes beyond the last channel`;
    if (!sameBytes(decodeTile(tile, tile.weights, representation.packing, codecs), part)) {
      return `tile ${i} holds other weights`;
    }
    offset += tile.weights;
  }
  return channel === outputChannels(layer) ? undefined : `its tiles hold ${channel} channels`;
}

function sameBytes(a: Int8Array | Uint8Array, b: Int8Array | Uint8Array): boolean {
  const bytes = (array: Int8Array | Uint8Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(a).equals(bytes(b));
}
