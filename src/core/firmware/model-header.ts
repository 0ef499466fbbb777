/** <name>_model.h: the network's interface as C declares it, with what its input and output mean. */
import type { Graph } from '../graph/graph';
import {
  INPUT,
  outputSize,
  outputTensors,
  shapeOf,
  weightCount,
  weightedLayers,
} from '../graph/graph';
import { frontendMacros } from '../frontends/emit';
import { choosers } from '../graph/scores';
import { FRONTEND_DECLARATIONS, streamFrontendDeclarations } from '../frontends/interface';
import { arenaWith } from '../frontends/ram';
import { graphOp } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { tensorOf } from '../quant/model';
import { isLossless } from '../quant/quantization';
import { EMIT_TASKS } from '../tasks/emit-tasks';
import type { EmitModel, EmitTask } from '../tasks/emit-task';
import { floatLiteral, signed } from './c-text';
import type { EncodedModel } from './encoded-model';
import { indexWords } from './index-output';
import { streamDeclarations, streamMacros } from './stream-source';
import type { EmitOptions } from './emit-options';
const GUESS = `
 * Beware: what the network expects of its input is a guess, for the model file does not say it and labels
 * leave it open. Set dataset.normalize in the config to what it was trained with.`;

export function modelHeader(
  { encoded, plan, normalization, task, facts = {}, outputNames }: EmitOptions,
  stack: number,
): string {
  const several = severalOutputs(encoded.model);
  const { model } = encoded;
  const { graph } = model;
  const [output = INPUT, ...others] = outputTensors(graph);
  const last = graph.layers.find(({ name }) => name === output);
  const puts = (last && graphOp(last.kind).puts) ?? 'score';
  const words: EmitTask =
    puts === 'index' && last !== undefined
      ? indexWords(last, several === '' ? undefined : 0)
      : EMIT_TASKS[task];
  const indices = new Map(choosers(graph).map((layer) => [layer.name, layer]));
  const further = others.flatMap((name, i) => {
    const layer = indices.get(name);
    return layer === undefined ? [] : [{ at: i + 1, ...indexWords(layer, i + 1) }];
  });
  const what = puts === 'index' ? 'score' : puts;
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
 * Output${several === '' ? '' : ' 0'}: ${words.output(what)}
${further.map(({ at, output: says }) => ` * Output ${at}: ${says(what)}\n`).join('')} *
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
${several}${[words, ...further].map(({ declarations }) => declarations(outputNames.map(stringLiteral), its)).join('\n')}

/* RAM: activations, kernel scratch and the buffer weights are decoded into${frontend === undefined ? '' : step === undefined ? '; the front end works in it, too, and has state of its own beside it' : '; the front end has its own beside it'}. */
#define EAST_ARENA_BYTES ${arenaWith(plan.ram.total, frontend?.config, step?.hop)}
${plan.stream === undefined ? '' : streamMacros(plan.stream)}/* Flash: the encoded weights, ${denseBytes(graph)} bytes before encoding. */
#define EAST_BLOB_BYTES ${encoded.blob.length}

#ifdef __cplusplus
extern "C" {
#endif

${plan.stream === undefined ? invokeDeclarations(several !== '') : streamDeclarations(plan.stream.step, several !== '')}${frontend === undefined ? (pixels ? '' : QUANTIZE) : step === undefined ? FRONTEND_DECLARATIONS : streamFrontendDeclarations(step.exact)}${[words, ...further].map(({ functions }) => functions?.(its) ?? '').join('')}
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
  const indices = new Set(choosers(graph).map(({ name }) => name));
  let offset = 0;
  const each = names.map((name, i) => {
    const shape = shapeOf(graph, name);
    const { scale, zeroPoint } = tensorOf(model, name);
    const lines = `
/* Output ${i}, ${name}: [${shape.join(', ')}]${indices.has(name) ? ', indices of the largest' : ''}. */
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
