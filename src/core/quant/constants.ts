/**
 * Tensors that layers own besides weights: the constant operand of a sum, the slopes of a PReLU. They come from a network's
 * file and stay what they are: training sees them rounded as the chip has them, and changes nothing about them.
 */
import type { Graph } from '../graph/graph';
import type { Layer } from '../ops/graph-ops';
import { graphOp } from '../ops/graph-ops';
import type { Constant } from '../ops/graph-op';
import { elements } from '../ops/shape';
import { UserError } from '../util/errors';
import { clamp, roundHalfAwayFromZero } from './fixed-point';
import type { QuantizedConstant, QuantizedConstants } from './model';
import { WEIGHT_MAX } from './quantize-weights';

/** Real values, H·W·C, by layer and by the name that the layer has for them. */
export type Constants = Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;

/** The constants that the layer must have. */
export function constantsOf(layer: Layer): readonly Constant[] {
  return graphOp(layer.kind).constants?.(layer) ?? [];
}

/** Symmetric, with the scale of the largest. @throws UserError for a value that is not finite */
export function quantizeConstant(values: Float32Array): QuantizedConstant {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!Number.isFinite(largest)) throw new UserError('a constant is not a finite number');
  const scale = Math.fround(largest / WEIGHT_MAX) || 1;
  const codes = Int8Array.from(values, (x) =>
    clamp(roundHalfAwayFromZero(x / scale), -WEIGHT_MAX, WEIGHT_MAX),
  );
  return { values: codes, quantization: { scale, zeroPoint: 0 } };
}

/** What the codes stand for. */
export function realValues({ values, quantization }: QuantizedConstant): Float32Array {
  return Float32Array.from(values, (q) => quantization.scale * (q - quantization.zeroPoint));
}

/** What all constants of a quantised network stand for. */
export function realConstants(constants: QuantizedConstants): Constants {
  return Object.fromEntries(
    Object.entries(constants).map(([layer, its]) => [
      layer,
      Object.fromEntries(Object.entries(its).map(([name, codes]) => [name, realValues(codes)])),
    ]),
  );
}

/** Ones, where nobody cares what a network computes. */
export function madeUpConstants(graph: Graph): Constants {
  return Object.fromEntries(
    graph.layers.map((layer) => [
      layer.name,
      Object.fromEntries(
        constantsOf(layer).map(({ name, shape }) => [
          name,
          new Float32Array(elements(shape)).fill(1),
        ]),
      ),
    ]),
  );
}

/** All constants of a network. @throws UserError where one is missing, misshapen or not finite */
export function quantizeConstants(graph: Graph, constants: Constants): QuantizedConstants {
  const quantized: Record<string, Record<string, QuantizedConstant>> = {};
  for (const layer of graph.layers) {
    for (const { name, shape } of constantsOf(layer)) {
      const values = entry(constants, layer.name, name);
      if (values?.length !== elements(shape)) throw new UserError(lack(layer, name, values));
      (quantized[layer.name] ??= {})[name] = quantizeConstant(values);
    }
  }
  return quantized;
}

/** A constant that must be there. */
export function constantOf(
  { constants }: { readonly constants?: QuantizedConstants },
  layer: { readonly name: string },
  name: string,
): QuantizedConstant {
  const found = entry(constants ?? {}, layer.name, name);
  if (found === undefined) {
    throw new UserError(`Layer '${layer.name}' lacks its constant '${name}'.`);
  }
  return found;
}

/** What is wrong with a network's constants, if anything is: each layer has its own, and there are no others. */
export function constantsProblem(
  graph: Graph,
  constants: QuantizedConstants = {},
): string | undefined {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  for (const layer of graph.layers) {
    for (const { name, shape } of constantsOf(layer)) {
      const values = entry(constants, layer.name, name)?.values;
      if (values?.length !== elements(shape)) return lack(layer, name, values);
    }
  }
  for (const [name, its] of Object.entries(constants)) {
    const layer = layers.get(name);
    const known = layer === undefined ? [] : constantsOf(layer).map((constant) => constant.name);
    const strange = Object.keys(its).find((constant) => !known.includes(constant));
    if (strange !== undefined || layer === undefined) {
      return `constants.${name}: the network has no such constant`;
    }
  }
  return undefined;
}

function entry<T>(
  table: Readonly<Record<string, Readonly<Record<string, T>>>>,
  layer: string,
  name: string,
): T | undefined {
  const its = Object.hasOwn(table, layer) ? table[layer] : undefined;
  return its !== undefined && Object.hasOwn(its, name) ? its[name] : undefined;
}

function lack(layer: Layer, name: string, values: ArrayLike<number> | undefined): string {
  const { shape } = constantsOf(layer).find((constant) => constant.name === name) ?? { shape: [] };
  const has = values === undefined ? 'is missing' : `has ${values.length} values`;
  return `Layer '${layer.name}': its constant '${name}' ${has}; it takes ${elements(shape)}.`;
}
