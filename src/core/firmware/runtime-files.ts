/** The C runtime: which files a network needs, and where they are read from. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Graph, Layer } from '../graph/graph';
import type { WeightFormat } from '../quant/packing';

const HEADERS = [
  'east_status',
  'east_lz4',
  'east_blob',
  'east_fixed_point',
  'east_dsp',
  'east_kernels',
  'east_packing',
];
const ALWAYS = ['east_lz4', 'east_blob', 'east_run'];

/** The C function that computes a layer; undefined for a flatten, which computes nothing. */
export function kernelOf(layer: Layer): string | undefined {
  switch (layer.kind) {
    case 'conv2d':
      return 'east_conv_2d';
    case 'depthwiseConv2d':
      return 'east_depthwise_conv_2d';
    case 'dense':
      return 'east_dense';
    case 'add':
      return 'east_add';
    case 'maxPool2d':
    case 'globalMaxPool':
      return 'east_max_pool_2d';
    case 'averagePool2d':
    case 'globalAveragePool':
      return 'east_average_pool_2d';
    case 'activation':
      return 'east_clamp';
    case 'softmax':
      return 'east_softmax';
    case 'flatten':
      return undefined;
  }
}

/** The C object, and the file, that unpacks a format; undefined for plain int8, which needs none. */
export function packingOf(format: WeightFormat): string | undefined {
  return format === 'int8' ? undefined : `east_${format}`;
}

/**
 * Names of the runtime's .c files that the network needs, without ending, sorted. `formats`: those of its layers'
 * weights, in any order and number; int8 needs nothing.
 */
export function runtimeSources(graph: Graph, formats: readonly WeightFormat[]): string[] {
  const kernels = new Set(graph.layers.flatMap((layer) => kernelOf(layer) ?? []));
  const packings = formats.flatMap((format) => packingOf(format) ?? []);
  const names = new Set([...ALWAYS, ...kernels, ...packings]);
  if (kernels.has('east_conv_2d') || kernels.has('east_dense')) names.add('east_multiply');
  return [...names].sort();
}

export function runtimeHeaders(): string[] {
  return [...HEADERS].sort();
}

/** Where a runtime file lies: beside this module in the sources, in `runtime/` beside the bundle when installed. */
export function runtimePath(name: string): string {
  const file = fileURLToPath(new URL(`./runtime/${name}`, import.meta.url));
  if (!existsSync(file)) {
    throw new Error(`${name} of the C runtime is missing from this installation.`);
  }
  return file;
}

/** Text of a runtime file. */
export function runtimeFile(name: string): string {
  return readFileSync(runtimePath(name), 'utf8');
}

/** A runtime file as it is written into the sources of the model `name`: every symbol, macro and file prefixed by it. */
export function prefixed(text: string, name: string): string {
  return text.replaceAll(/\beast_/g, `${name}_`).replaceAll(/\bEAST_/g, `${name.toUpperCase()}_`);
}
