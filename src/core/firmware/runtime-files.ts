/** The C runtime: which files a network needs, and where they are read from. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrontendConfig } from '../frontends/config';
import { frontendSources } from '../frontends/emit';
import type { Graph } from '../graph/graph';
import { weightedLayers } from '../graph/graph';
import { stepOf } from '../graph/stream';
import { emitOp } from '../ops/emit-ops';
import type { Layer } from '../ops/graph-ops';
import { FORMATS, type PossibleFormats, type WeightFormat } from '../formats/formats';
import { FIRST_READER, readerHeaders, readerSources, type BlobReader } from './blob-reader';

const HEADERS = [
  'east_status',
  'east_fixed_point',
  'east_hot',
  'east_dsp',
  'east_kernels',
  'east_packing',
];

/** The C object, and the file, that unpacks a format; undefined for plain int8, which needs none. */
export function packingOf(format: WeightFormat): string | undefined {
  return FORMATS[format].unpacker;
}

/**
 * Names of the runtime's .c files that the network needs, without ending, sorted. `formats`: those that each layer may
 * have; layers that are not named have int8. `reader`: of its blob. `frontend`: what it listens through.
 */
export function runtimeSources(
  graph: Graph,
  formats: PossibleFormats,
  reader = FIRST_READER,
  frontend?: FrontendConfig,
): string[] {
  const step = stepOf(graph);
  // What computes a step need not be what computes the whole window, which the self-test does.
  const kernels = [graph, step?.graph ?? graph].flatMap((each) =>
    each.layers.flatMap((layer) =>
      kernelSources(layer, each, formats[layer.name] ?? ['int8'], reader),
    ),
  );
  const packings = weightedLayers(graph).flatMap(({ name }) =>
    (formats[name] ?? []).flatMap((format) => packingOf(format) ?? []),
  );
  const stream = step === undefined ? [] : ['east_stream'];
  const own = ['east_run', ...stream, ...frontendSources(frontend)];
  const names = [...own, ...readerSources(reader), ...kernels, ...packings];
  return [...new Set(names)].sort();
}

/** Of a layer whose weights may have these formats: what multiplies plain codes, packed ones, or either. */
function kernelSources(
  layer: Layer,
  { layers }: Graph,
  formats: readonly WeightFormat[],
  reader: BlobReader,
): string[] {
  const op = emitOp(layer);
  const { kernel, uses = [] } = op;
  if (kernel === undefined) return [];
  const fast = op.kernelFor?.('int8', layers);
  const plain = fast === undefined ? [kernel, ...uses] : [fast];
  const packed = formats.flatMap((format) =>
    packingOf(format) === undefined ? [] : (op.kernelFor?.(format, layers) ?? []),
  );
  // Codecs of version 2 may give a packed layer's tiles as plain codes.
  const all = packed.length === formats.length && reader.version === 1;
  return [...(all ? [] : plain), ...packed];
}

/** Names of the headers that the sources bring, without ending, sorted: also what only one of the `texts` includes. */
export function runtimeHeaders(
  graph: Graph,
  texts: readonly string[],
  reader = FIRST_READER,
): string[] {
  const included = texts.flatMap((text) =>
    [...text.matchAll(/^#include "(east_\w+)\.h"/gm)].flatMap(([, header]) => header ?? []),
  );
  const headers = [...HEADERS, ...readerHeaders(reader), ...kernelHeaders(graph), ...included];
  return [...new Set(headers)].sort();
}

/** Headers of the network's kernels that have their own. */
export function kernelHeaders(graph: Graph): string[] {
  return [...new Set(graph.layers.flatMap((layer) => emitOp(layer).header ?? []))].sort();
}

/**
 * Where C files lie: those of all networks in `runtime/` beside this module, those of an operation, a front end, a
 * weight format, a codec or a target in its own folder. When installed all of them lie in `runtime/` beside the bundle (esbuild.mjs).
 */
const FOLDERS = [
  './runtime/',
  './targets/',
  '../ops/',
  '../frontends/',
  '../formats/',
  '../codecs/',
].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

let paths: ReadonlyMap<string, string> | undefined;

/** Paths of the C files, headers and linker scripts, by name. */
function runtimePaths(): ReadonlyMap<string, string> {
  paths ??= new Map(
    FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.([ch]|ld)$/.test(file))
        .map((file): [string, string] => [basename(file), join(folder, file)]),
    ),
  );
  return paths;
}

/** Names of all .c files that generated sources may hold, without ending, sorted. */
export function allRuntimeSources(): string[] {
  return filesEnding('.c');
}

/** The same for headers. */
export function allRuntimeHeaders(): string[] {
  return filesEnding('.h');
}

function filesEnding(ending: string): string[] {
  return [...runtimePaths().keys()]
    .filter((name) => name.startsWith('east_') && name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/** Where a file of the C runtime, of verification or of a target's platform lies. */
export function runtimePath(name: string): string {
  const path = runtimePaths().get(name);
  if (path === undefined) {
    throw new Error(`${name} of the C runtime is missing from this installation.`);
  }
  return path;
}

/** Text of a runtime file. */
export function runtimeFile(name: string): string {
  return readFileSync(runtimePath(name), 'utf8');
}

/**
 * A text of the runtime as it stands in the sources of the model `name`: every symbol, macro and file prefixed by it, so that
 * any number of models live in one image. Of a name such as `kws_depthwise`, which with `conv_2d` makes what `kws` makes with
 * `depthwise_conv_2d`, what the linker sees of the runtime's inside gets a syllable more.
 */
export function prefixed(text: string, name: string): string {
  const inside = mixesUp(name) ? runtimeSymbols() : undefined;
  return text
    .replaceAll(/\beast_(\w*)/g, (_, word: string) =>
      inside?.has(word) === true ? `${name}_${SYLLABLE}_${word}` : `${name}_${word}`,
    )
    .replaceAll(/\bEAST_/g, `${name.toUpperCase()}_`);
}

const SYLLABLE = 'net';
/** What a model's interface shows the linker, without prefix. */
const INTERFACE = [
  'advance',
  'check_weights',
  'features',
  'front',
  'input',
  'invoke',
  'process',
  'push',
  'reset',
  'restart',
  'selftest',
  'weights_blob',
];

let symbols: ReadonlySet<string> | undefined;

/** Functions, constants and files of the runtime that other files see, without prefix. */
function runtimeSymbols(): ReadonlySet<string> {
  symbols ??= new Set(
    allRuntimeSources().flatMap((file) => [
      file.slice('east_'.length),
      ...[
        ...runtimeFile(`${file}.c`).matchAll(/^(?!static|#)\w[^\n;]*?\beast_(\w+)(?: = \{|\()/gm),
      ].map(([, word]) => word ?? ''),
    ]),
  );
  return symbols;
}

/** Whether with some word of the runtime the name makes what a shorter name makes with another. */
function mixesUp(name: string): boolean {
  const words = [...runtimeSymbols(), ...INTERFACE];
  const tails = words.flatMap((word) =>
    words
      .filter((other) => other.endsWith(`_${word}`))
      .map((other) => other.slice(0, -word.length - 1)),
  );
  return [SYLLABLE, ...tails].some((tail) => name.endsWith(`_${tail}`));
}
