/** <name>_model.c, <name>_window.c and <name>_weights.c: the network as constant tables, with the functions on top of them. */
import { INPUT, outputTensors, weightedLayers } from '../graph/graph';
import { frontendTables } from '../frontends/emit';
import {
  FRONTEND_FUNCTIONS,
  STREAM_FRONTEND_FUNCTIONS,
  WINDOW_FRONTEND_FUNCTIONS,
} from '../frontends/interface';
import { weightsOf } from '../quant/model';
import { bytesTable, numbersTable } from './c-text';
import { foldedBiases, layerTables, offsetOf, stepCount, totalSums } from './constant-tables';
import { crc32 } from '../util/crc32';
import type { BlobReader } from './blob-reader';
import { codecTable } from './blob-reader';
import type { EncodedModel } from './encoded-model';
import type { MemoryPlan } from './memory-plan';
import { interfaceFunctions, invokeFunction } from './interface-functions';
import { kernelHeaders } from './runtime-files';
import { streamInterface } from './stream-source';
import type { EmitOptions } from './emit-options';
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
export function modelSource(options: EmitOptions, reader: BlobReader): string {
  const { encoded, plan } = options;
  const { graph, frontend } = encoded.model;
  const several = graph.outputs === undefined ? [] : ['<string.h>'];
  const { stream } = plan;
  const hop = stream?.step.hop;
  // The blob's reader looks codecs up in one table, whichever network calls it: <name>_window.c is linked beside this file.
  const codecs = codecTable(reader);
  const front = [FRONTEND_FUNCTIONS, STREAM_FRONTEND_FUNCTIONS][stream === undefined ? 0 : 1];
  return networkSource(options, plan, {
    about: `east_model.c - ${stream === undefined ? '' : 'one step of '}the network as constant tables, in the order of its layers, and its interface.`,
    includes: [
      ...codecs.includes,
      ...(stream === undefined ? [] : ['"east_stream.h"']),
      ...(frontend === undefined ? [] : ['"east_frontend.h"']),
      ...several,
    ],
    arenaBytes: 'EAST_ARENA_BYTES',
    inputBytes: stream === undefined ? 'EAST_INPUT_BYTES' : 'EAST_STEP_BYTES',
    tables: codecs.table + (frontend === undefined ? '' : `${frontendTables(frontend, hop)}\n\n`),
    functions:
      (stream === undefined
        ? interfaceFunctions(graph, plan)
        : streamInterface(options.encoded.model, plan, stream)) +
      (frontend === undefined ? '' : `\n${front}`),
  });
}

/** The network over the whole window, beside a stream's: for the self-test, and for who wants both. */
export function windowSource(options: EmitOptions, plan: MemoryPlan): string {
  const { graph, frontend } = options.encoded.model;
  return networkSource(options, plan, {
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
  plan: MemoryPlan,
  { about, includes, arenaBytes, inputBytes, tables = '', functions }: NetworkSource,
): string {
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
  )}${includes.map((name) => `${name.startsWith('<') ? '\n' : ''}#include ${name}\n`).join('')}
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

${tables}static const struct east_model east_network = {
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

export function weightsSource({ blob, layers }: EncodedModel): string {
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
