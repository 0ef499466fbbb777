/**
 * The C sources of one trained network: text by file name, nothing written yet (write-sources.ts does that).
 * The same arguments give the same bytes: no time, no path of this machine.
 */
import type { ResolvedConfig } from '../config/config';
import type { Normalization } from '../dataset/dataset';
import { GUESSED } from '../dataset/normalization';
import type { FrontendConfig } from '../frontends/config';
import type { Graph } from '../graph/graph';
import {
  INPUT,
  outputSize,
  outputTensors,
  shapeOf,
  weightCount,
  weightedLayers,
} from '../graph/graph';
import { alongStream } from '../graph/stream';
import {
  arenaWith,
  FRONTEND_DECLARATIONS,
  FRONTEND_FUNCTIONS,
  STREAM_FRONTEND_FUNCTIONS,
  streamFrontendDeclarations,
  WINDOW_FRONTEND_FUNCTIONS,
  frontendMacros,
  frontendTables,
} from '../frontends/emit';
import { rawWindow } from '../frontends/frontends';
import { graphOp } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { tensorOf, weightsOf } from '../quant/model';
import { isLossless } from '../quant/quantization';
import type { PossibleFormats } from '../formats/formats';
import { EMIT_TASKS } from '../tasks/emit-tasks';
import type { EmitModel, EmitTask } from '../tasks/emit-task';
import type { TaskFacts } from '../tasks/facts';
import type { TaskKind } from '../tasks/tasks';
import { bytesTable, floatLiteral, numbersTable, signed } from './c-text';
import { foldedBiases, layerTables, offsetOf, stepCount, totalSums } from './constant-tables';
import { crc32 } from '../util/crc32';
import { defined } from '../util/defined';
import type { BlobReader, CodecSet } from './blob-reader';
import { blobReaderOf, codecTable, FIRST_READER, PRODUCT_CODECS, stackBytes } from './blob-reader';
import type { EncodedModel } from './encoded-model';
import type { MemoryPlan } from './memory-plan';
import { interfaceFunctions, invokeFunction } from './interface-functions';
import { chosenFormats } from './encoded-model';
import { MANIFEST, manifestFile } from './manifest';
import type { ManifestInputs } from './manifest';
import { sourcesReadme } from './sources-readme';
import {
  kernelHeaders,
  prefixed,
  runtimeFile,
  runtimeHeaders,
  runtimeSources,
} from './runtime-files';
import { checkVectors } from './vectors';
import { requireIdentifier } from '../util/identifier';
import { streamDeclarations, streamInterface, streamMacros, streamSelfTest } from './stream-source';
import type { Vectors } from './vectors';

export interface EmitOptions {
  /** Only `name` is used: the prefix of every symbol and file, a C identifier. */
  readonly config: Pick<ResolvedConfig, 'name'>;
  readonly encoded: EncodedModel;
  readonly plan: MemoryPlan;
  readonly normalization: Normalization;
  readonly task: TaskKind;
  readonly facts?: TaskFacts;
  /** What the outputs are called, in their order. */
  readonly outputNames: readonly string[];
  /** Compiled into <name>_selftest.c. */
  readonly selfTest: Vectors;
  /** Hashes of what the sources were made from; kept in the manifest, compared by checkSources. */
  readonly provenance: ManifestInputs;
}

/** Compiler options the sources are meant for; the CMake snippet, verification and code measurement use the same. */
export const CODE_OPTIONS: readonly string[] = ['-O2', '-ffunction-sections', '-fdata-sections'];

/**
 * File name → text. All names but README.md and manifest.json begin with the config's name. `codecs`, `textOf`: more of them
 * than the product has, and where their C files are read from.
 */
export function emitSources(
  options: EmitOptions,
  codecs: CodecSet = PRODUCT_CODECS,
  textOf = runtimeFile,
): Map<string, string> {
  const { config, encoded } = options;
  const { name } = config;
  const graph = alongStream(encoded.model.graph, options.plan.stream?.step.hop);
  const inputBytes = elements(graph.inputShape);
  const outputBytes = outputSize(graph);
  requireIdentifier(name, 'model');
  for (const layer of graph.layers) requireIdentifier(layer.name, 'layer');
  const { frontend } = encoded.model;
  const samples = frontend && rawValues(frontend.config);
  const sizes = { inputBytes, outputBytes, ...defined({ samples }) };
  checkVectors(options.selfTest, sizes);

  const files = new Map<string, string>();
  const add = (file: string, text: string): void => {
    files.set(prefixed(file, name), banner(name) + prefixed(text, name));
  };
  const reader = blobReaderOf(encoded, codecs);
  add('east_model.h', modelHeader(options, stackBytes(reader)));
  add('east_model.c', modelSource(options, reader));
  add('east_weights.c', weightsSource(encoded));
  if (options.plan.stream !== undefined) {
    add('east_window.c', windowSource(options, reader, options.plan.stream.window));
  }
  add('east_selftest.h', SELFTEST_HEADER);
  add('east_selftest.c', selfTestSource(options.selfTest));
  const formats = chosenFormats(encoded);
  const sources = new Map(
    runtimeSources(graph, formats, reader, frontend?.config).map((source) => [
      source,
      textOf(`${source}.c`),
    ]),
  );
  for (const header of runtimeHeaders(graph, [...sources.values()], reader))
    add(`${header}.h`, textOf(`${header}.h`));
  for (const [source, text] of sources) add(`${source}.c`, text);
  const linked = modelSources(name, graph, formats, reader, frontend?.config);
  files.set(`${name}.cmake`, cmakeSnippet(name, linked, developmentSources(name, graph)));
  files.set('README.md', sourcesReadme(options, stackBytes(reader)));
  const notes = options.normalization.guessed === true ? [GUESSED] : undefined;
  const model = { name, ...sizes, ...defined({ notes }) };
  return new Map([...files, [MANIFEST, manifestFile(model, options.provenance, files)]]);
}

/** The .c files of a model that belong in firmware, without the self-test; with the model's prefix. */
export function modelSources(
  name: string,
  graph: Graph,
  formats: PossibleFormats,
  reader = FIRST_READER,
  frontend?: FrontendConfig,
): string[] {
  return ['east_model', 'east_weights', ...runtimeSources(graph, formats, reader, frontend)].map(
    (source) => `${prefixed(source, name)}.c`,
  );
}

/** Those for development: the self-test, and of a stream the network over the whole window, which it runs as well. */
export function developmentSources(name: string, graph: Graph): string[] {
  const window = graph.hop === undefined ? [] : ['east_window'];
  return ['east_selftest', ...window].map((source) => `${prefixed(source, name)}.c`);
}

/** Of one example. */
function rawValues(config: FrontendConfig): number {
  const { samples, channels } = rawWindow(config);
  return samples * channels;
}

function banner(name: string): string {
  return `/* Generated by EAST for the model "${name}"; see README.md beside it. SPDX-License-Identifier: MIT */\n`;
}

const GUESS = `
 * Beware: what the network expects of its input is a guess, for neither the model file nor labels told. Set
 * dataset.normalize in the config to what it was trained with.`;

function modelHeader(
  { encoded, plan, normalization, task, facts = {}, outputNames }: EmitOptions,
  stack: number,
): string {
  const words: EmitTask = EMIT_TASKS[task];
  const several = severalOutputs(encoded.model);
  const { model } = encoded;
  const { graph } = model;
  const [output = INPUT] = outputTensors(graph);
  const last = graph.layers.find(({ name }) => name === output);
  const what = (last && graphOp(last.kind).puts) ?? 'score';
  const [height, width, channels] = graph.inputShape;
  const input = tensorOf(model, INPUT);
  const result = tensorOf(model, output);
  const pixels = isLossless(normalization, input);
  const its: EmitModel = { facts, inputs: elements(graph.inputShape), input, output: result };
  const { frontend } = model;
  const step = plan.stream?.step;
  const rule = frontend
    ? 'the features of the front end, which east_process() and east_push() compute from raw samples.'
    : pixels
      ? 'int8 = pixel - 128, for pixels 0 .. 255.'
      : 'int8 = round((value - mean) / std / EAST_INPUT_SCALE) + EAST_INPUT_ZERO_POINT, clamped to -128 .. 127;\n' +
        ' * mean and std are below, one entry for all channels or one for each; east_quantize() does it.';
  return `/*
 * east_model.h - the network's interface.
 *
 * One example in, ${several === '' ? 'one vector out, both' : "all of the network's outputs out, one after the other, all"} int8, in layout [height, width, channels].
 * Input:  ${rule}${normalization.guessed === true ? GUESS : ''}
 * Output: ${words.output(what)}
 *
 * Needs EAST_ARENA_BYTES of RAM, allocated statically in east_model.c, and under ${stack} bytes of stack. Not
 * re-entrant: one inference at a time per model; different models do not share anything. No heap, no other state.
 */
#ifndef EAST_MODEL_H
#define EAST_MODEL_H

#include "east_status.h"

#include <stdint.h>

#define EAST_INPUT_HEIGHT ${height}
#define EAST_INPUT_WIDTH ${width}
#define EAST_INPUT_CHANNELS ${channels}
#define EAST_INPUT_BYTES ${elements(graph.inputShape)}
#define EAST_INPUT_SCALE ${floatLiteral(input.scale)}
#define EAST_INPUT_ZERO_POINT ${signed(input.zeroPoint)}
#define EAST_INPUT_MEAN {${normalization.mean.map(floatLiteral).join(', ')}}
#define EAST_INPUT_STD {${normalization.std.map(floatLiteral).join(', ')}}

${
  frontend === undefined
    ? ''
    : `${frontendMacros(frontend, step?.hop)}
`
}#define EAST_OUTPUT_BYTES ${outputSize(graph)}
#define EAST_OUTPUT_SCALE ${floatLiteral(result.scale)}
#define EAST_OUTPUT_ZERO_POINT ${signed(result.zeroPoint)}
${several}${words.declarations(outputNames.map(stringLiteral), its)}

/* RAM: activations, kernel scratch and the buffer weights are decoded into${frontend === undefined ? '' : step === undefined ? '; the front end works in it, too, and has state of its own beside it' : '; the front end has its own beside it'}. */
#define EAST_ARENA_BYTES ${arenaWith(plan.ram.total, frontend?.config, step?.hop)}
${plan.stream === undefined ? '' : streamMacros(plan.stream)}/* Flash: the encoded weights, ${denseBytes(graph)} bytes before encoding. */
#define EAST_BLOB_BYTES ${encoded.blob.length}

#ifdef __cplusplus
extern "C" {
#endif

${plan.stream === undefined ? invokeDeclarations(several !== '') : streamDeclarations(plan.stream.step, several !== '')}${frontend === undefined ? (pixels ? '' : QUANTIZE) : step === undefined ? FRONTEND_DECLARATIONS : streamFrontendDeclarations(step.exact)}${words.functions?.(its) ?? ''}
/*
 * Compares the CRC-32 of the encoded weights with that of the generated ones: EAST_OK or EAST_BAD_WEIGHTS. Call it at
 * boot and after every flash update. Code and the tables of east_model.c (biases, scales) are not covered.
 */
enum east_status east_check_weights(void);

#ifdef __cplusplus
}
#endif

#endif
`;
}

function invokeDeclarations(several: boolean): string {
  return `/*
 * One inference.
 * input   int8_t[EAST_INPUT_BYTES], owned by the caller; may be what east_input() returns, which saves the copy. Fill
 *         that anew before every call: an inference overwrites it, and a second one would compute on what is left,
 *         with EAST_OK and a wrong answer. A buffer of your own is left as it is.
 * output  int8_t[EAST_OUTPUT_BYTES], owned by the caller${several ? ' and not what east_input() returns' : ''}; written only when EAST_OK is returned
 * Of damaged weights only the structure is checked: a header, tile table or block that cannot be decoded gives a
 * status. Any other changed byte gives EAST_OK and a wrong output; only east_check_weights() finds those. No damage of
 * the weights leads to an access outside the buffers.
 */
enum east_status east_invoke(const int8_t *input, int8_t *output);

/* Where the input lies in the arena, to be filled in place before every inference, which overwrites it. */
int8_t *east_input(void);
`;
}

/** Macros that say where each of several outputs lies and what its codes mean; the first one's are EAST_OUTPUT_SCALE and so on, too. */
function severalOutputs(model: EncodedModel['model']): string {
  const { graph } = model;
  const names = outputTensors(graph);
  if (names.length === 1) return '';
  let offset = 0;
  const each = names.map((name, i) => {
    const shape = shapeOf(graph, name);
    const { scale, zeroPoint } = tensorOf(model, name);
    const lines = `
/* Output ${i}, ${name}: [${shape.join(', ')}]. */
#define EAST_OUTPUT_${i}_OFFSET ${offset}
#define EAST_OUTPUT_${i}_BYTES ${elements(shape)}
#define EAST_OUTPUT_${i}_SCALE ${floatLiteral(scale)}
#define EAST_OUTPUT_${i}_ZERO_POINT ${signed(zeroPoint)}
`;
    offset += elements(shape);
    return lines;
  });
  return `/* Several outputs lie one after the other; EAST_OUTPUT_SCALE and EAST_OUTPUT_ZERO_POINT are those of the first. */
#define EAST_OUTPUT_COUNT ${names.length}
${each.join('')}
`;
}

/** For networks on measured values; of pictures it is a subtraction. */
const QUANTIZE = `
/*
 * One value of the input as its code. value: as in the training data, in its units; channel: 0 .. EAST_INPUT_CHANNELS - 1, for the
 * i-th value of the input i % EAST_INPUT_CHANNELS. Values that are too large or too small saturate, what is no number
 * becomes the least code. In single precision: a value that lies within its rounding of halfway between two codes may get
 * the other one than in training.
 */
static inline int8_t east_quantize(float value, unsigned channel)
{
    static const float means[] = EAST_INPUT_MEAN;
    static const float deviations[] = EAST_INPUT_STD;
    const unsigned i = sizeof means > sizeof means[0] ? channel : 0U;
    const float steps = (value - means[i]) / deviations[i] / EAST_INPUT_SCALE + (float)EAST_INPUT_ZERO_POINT;
    int32_t code;

    if (!(steps > -128.0f)) {
        return -128;
    }
    if (steps >= 127.0f) {
        return 127;
    }
    /* Half away from zero, counted from the zero point, as in training. */
    code = (int32_t)(steps - (float)EAST_INPUT_ZERO_POINT + (steps < (float)EAST_INPUT_ZERO_POINT ? -0.5f : 0.5f));
    return (int8_t)(code + EAST_INPUT_ZERO_POINT);
}
`;

/** What a source of the network holds besides its tables: the functions on top of them, and what these are for. */
interface NetworkSource {
  readonly about: string;
  readonly includes: readonly string[];
  /** The macro that has the arena's bytes. */
  readonly arenaBytes: string;
  readonly inputBytes: string;
  /** Further ones that the functions need. */
  readonly tables?: string;
  readonly functions: string;
}

/** The network by which the firmware computes: of a stream one step, else the whole window. */
function modelSource(options: EmitOptions, reader: BlobReader): string {
  const { encoded, plan } = options;
  const { graph, frontend } = encoded.model;
  const several = graph.outputs === undefined ? [] : ['<string.h>'];
  const { stream } = plan;
  const hop = stream?.step.hop;
  const front = [FRONTEND_FUNCTIONS, STREAM_FRONTEND_FUNCTIONS][stream === undefined ? 0 : 1];
  return networkSource(options, reader, plan, {
    about: `east_model.c - ${stream === undefined ? '' : 'one step of '}the network as constant tables, in the order of its layers, and its interface.`,
    includes: [
      ...(stream === undefined ? [] : ['"east_stream.h"']),
      ...(frontend === undefined ? [] : ['"east_frontend.h"']),
      ...several,
    ],
    arenaBytes: 'EAST_ARENA_BYTES',
    inputBytes: stream === undefined ? 'EAST_INPUT_BYTES' : 'EAST_STEP_BYTES',
    tables: frontend === undefined ? '' : `${frontendTables(frontend, hop)}\n\n`,
    functions:
      (stream === undefined
        ? interfaceFunctions(graph, plan)
        : streamInterface(options.encoded.model, plan, stream)) +
      (frontend === undefined ? '' : `\n${front}`),
  });
}

/** The network over the whole window, beside a stream's: for the self-test, and for who wants both. */
function windowSource(options: EmitOptions, reader: BlobReader, plan: MemoryPlan): string {
  const { graph, frontend } = options.encoded.model;
  return networkSource(options, reader, plan, {
    about:
      'east_window.c - the network over the whole window as constant tables, and east_invoke(). Not needed along a stream.',
    includes: [
      ...(frontend === undefined ? [] : ['"east_frontend.h"']),
      ...(graph.outputs === undefined ? [] : ['<string.h>']),
    ],
    arenaBytes: 'EAST_WINDOW_ARENA_BYTES',
    inputBytes: 'EAST_INPUT_BYTES',
    functions: `${invokeFunction(graph, plan)}${frontend === undefined ? '' : `\n${WINDOW_FRONTEND_FUNCTIONS}`}`,
  });
}

function networkSource(
  { encoded }: EmitOptions,
  reader: BlobReader,
  plan: MemoryPlan,
  { about, includes, arenaBytes, inputBytes, tables = '', functions }: NetworkSource,
): string {
  const codecs = codecTable(reader);
  const { model } = encoded;
  const { graph } = model;
  const weighted = weightedLayers(graph).map((layer) => ({
    comment: layer.name,
    layer,
    quantized: weightsOf(model, layer.name),
  }));
  const sums = totalSums(graph);
  const tiles = encoded.layers.reduce((sum, layer) => sum + layer.tiles.length, 0);
  const table = (
    type: string,
    what: string,
    valuesOf: (w: (typeof weighted)[number]) => Int32Array,
  ): string =>
    `static const ${type} east_${what}[${sums}] = {\n` +
    weighted.map((w) => numbersTable(w.comment, valuesOf(w))).join('\n') +
    '\n};';
  return `/*
 * ${about}
 */
#include "east_model.h"

#include "east_kernels.h"
${kernelHeaders(graph)
  .map((header) => `#include "${header}.h"\n`)
  .join(
    '',
  )}${codecs.includes}${includes.map((name) => `${name.startsWith('<') ? '\n' : ''}#include ${name}\n`).join('')}
/* Defined from outside to place the arena, e.g. __attribute__((section(".ccmram"))). */
#ifndef EAST_ARENA_ATTRIBUTE
#define EAST_ARENA_ATTRIBUTE
#endif

EAST_ARENA_ATTRIBUTE static uint32_t east_arena[${arenaBytes} / 4];

extern const uint8_t east_weights_blob[EAST_BLOB_BYTES];

${table('int32_t', 'biases', (w) => foldedBiases(w.layer, w.quantized, model.tensors))}

${table('int32_t', 'multipliers', (w) => w.quantized.multiplier)}

${table('int8_t', 'shifts', (w) => w.quantized.shift)}

${layerTables(encoded, plan)}

${codecs.table}${tables}static const struct east_model east_network = {
    east_weights_blob,
    EAST_BLOB_BYTES,
    0x${crc32(encoded.blob).toString(16).padStart(8, '0')}U,
    east_steps,
    (int8_t *)east_arena,
    ${offsetOf(plan, INPUT)},
    ${inputBytes},
    ${offsetOf(plan, (plan.stream === undefined ? outputTensors(graph) : outputTensors(plan.stream.step.graph))[0])},
    ${graph.outputs === undefined ? 'EAST_OUTPUT_BYTES' : 'EAST_OUTPUT_0_BYTES'},
    ${stepCount(graph)},
    ${tiles},
};

${functions}`;
}

function weightsSource({ blob, layers }: EncodedModel): string {
  const blocks = layers.map(({ name, representation, tiles }) => {
    const stored = tiles.reduce((sum, tile) => sum + tile.stored.length, 0);
    const raw = tiles.reduce((sum, tile) => sum + tile.weights, 0);
    const packing = representation.packing === 'int8' ? '' : `, ${representation.packing}`;
    return ` *   ${name}: ${stored} of ${raw} bytes, ${tiles.length} tile${tiles.length === 1 ? '' : 's'}${packing}`;
  });
  return `/*
 * east_weights.c - the encoded weights: header, tile table, blocks. Stored and decoded bytes by layer:
${blocks.join('\n')}
 */
#include "east_model.h"

extern const uint8_t east_weights_blob[EAST_BLOB_BYTES];

const uint8_t east_weights_blob[EAST_BLOB_BYTES] = {
${bytesTable(blob)}
};
`;
}

const SELFTEST_HEADER = `/*
 * east_selftest.h - runs a few known examples. Link it in development; it is not part of the flash budget.
 */
#ifndef EAST_SELFTEST_H
#define EAST_SELFTEST_H

#include "east_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Checks the weights' CRC-32 and compares the outputs of the built-in examples with what the trained network gave,
 * byte for byte. EAST_OK, EAST_MISMATCH, or the status of what failed.
 */
enum east_status east_selftest(void);

#ifdef __cplusplus
}
#endif

#endif
`;

function selfTestSource({ inputs, outputs, stream, raw }: Vectors): string {
  const count = inputs.length;
  const rows = (values: readonly (Int8Array | Int16Array)[]): string =>
    values.map((value, i) => `    {\n${numbersTable(`example ${i}`, value)}\n    },`).join('\n');
  // With a front end from raw samples on, its features compared, too.
  const run =
    raw === undefined
      ? '        status = east_invoke(east_selftest_inputs[i], output);\n'
      : `        status = east_process(east_selftest_samples[i], output);
        if (status == EAST_OK && memcmp(east_features(), east_selftest_inputs[i], EAST_INPUT_BYTES) != 0) {
            status = EAST_MISMATCH;
        }
`;
  const body =
    count === 0
      ? `enum east_status east_selftest(void)
{
    return east_check_weights();
}
`
      : `${
          raw === undefined
            ? ''
            : `static const int16_t east_selftest_samples[${count}][EAST_SAMPLES * EAST_SAMPLE_CHANNELS] = {
${rows(raw)}
};

`
        }static const int8_t east_selftest_inputs[${count}][EAST_INPUT_BYTES] = {
${rows(inputs)}
};

static const int8_t east_selftest_outputs[${count}][EAST_OUTPUT_BYTES] = {
${rows(outputs)}
};

${stream === undefined ? '' : `${streamSelfTest(stream)}\n`}enum east_status east_selftest(void)
{
    static int8_t output[EAST_OUTPUT_BYTES];
    enum east_status status = east_check_weights();
    unsigned i;

    for (i = 0; i < ${count}U && status == EAST_OK; i++) {
${run}        if (status == EAST_OK && memcmp(output, east_selftest_outputs[i], EAST_OUTPUT_BYTES) != 0) {
            status = EAST_MISMATCH;
        }
    }
    return ${stream === undefined ? 'status' : 'status == EAST_OK ? run_stream(output) : status'};
}
`;
  return `/*
 * east_selftest.c - see east_selftest.h.
 */
#include "east_selftest.h"

#include "east_model.h"
${count === 0 ? '' : '\n#include <string.h>\n'}
${body}`;
}

function cmakeSnippet(
  name: string,
  sources: readonly string[],
  development: readonly string[],
): string {
  const list = (files: readonly string[]): string =>
    files.map((file) => `  \${CMAKE_CURRENT_LIST_DIR}/${file}`).join('\n');
  return `# Generated by EAST. In your CMakeLists.txt:
#   include(<this folder>/${name}.cmake)
#   target_link_libraries(firmware PRIVATE ${name})
enable_language(C)
add_library(${name} STATIC
${list(sources)}
)
target_include_directories(${name} PUBLIC \${CMAKE_CURRENT_LIST_DIR})
set_target_properties(${name} PROPERTIES C_STANDARD 99)
target_compile_options(${name} PRIVATE ${CODE_OPTIONS.join(' ')})
if(CMAKE_C_COMPILER_ID MATCHES "Clang" AND CMAKE_SYSTEM_PROCESSOR MATCHES "[Aa][Rr][Mm]|[Cc]ortex")
  # For bare metal it takes words to be aligned, and without others the DSP instructions are of no use.
  target_compile_options(${name} PRIVATE -munaligned-access)
endif()

# Known examples with their expected outputs, for development: link ${name}_selftest and call ${name}_selftest().
add_library(${name}_selftest STATIC EXCLUDE_FROM_ALL
${list(development)}
)
target_link_libraries(${name}_selftest PUBLIC ${name})
`;
}

function denseBytes(graph: Graph): number {
  return weightedLayers(graph).reduce((sum, layer) => sum + weightCount(layer), 0);
}

/**
 * A C string; what is not printable ASCII becomes octal escapes of its UTF-8 bytes. So does the underscore of `east_`,
 * which `prefixed` would otherwise take for a symbol of the runtime.
 */
function stringLiteral(text: string): string {
  const escaped = [...Buffer.from(text, 'utf8')].map((byte) => {
    const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 63 && byte !== 92;
    return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${escaped.join('').replaceAll(/(east|EAST)_/g, '$1\\137')}"`;
}
