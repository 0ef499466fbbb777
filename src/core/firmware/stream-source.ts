/** The parts of generated sources that a network has which runs along a stream (graph/stream.ts), in the runtime's names. */
import { outputTensors } from '../graph/graph';
import type { StreamStep } from '../graph/stream';
import { elements } from '../ops/shape';
import { tensorOf, type QuantizedModel } from '../quant/model';
import { braces, numbersTable } from './c-text';
import { offsetOf } from './constant-tables';
import { CHECK_WEIGHTS, INPUT_PLACE, withOtherOutputs } from './interface-functions';
import type { MemoryPlan } from './memory-plan';
import type { StreamVectors } from './vectors';

type StreamPlan = NonNullable<MemoryPlan['stream']>;

const ADVANCE = `enum east_status east_advance(const int8_t *input, int8_t *output)
{
    return east_stream_advance(&east_network_stream, input, output);
}
`;

const RESTART = `void east_restart(void)
{
    east_stream_forget(&east_network_stream);
}
`;

/** The functions of <name>_model.c, on top of a `struct east_stream east_network_stream`. */
export const STREAM_FUNCTIONS = [ADVANCE, RESTART, INPUT_PLACE, CHECK_WEIGHTS].join('\n');

/** What the stream keeps, as tables, and the functions on top of them. `plan`: of one step. */
export function streamInterface(
  model: QuantizedModel,
  plan: MemoryPlan,
  { step, counter }: StreamPlan,
): string {
  const kept = step.graph.kept ?? [];
  const rows = kept.map(({ tensor, past, fresh }) => {
    const start = offsetOf(plan, tensor) - past;
    return `    ${braces(start, past, fresh, tensorOf(model, tensor).zeroPoint)}, /* ${tensor} */`;
  });
  const functions = STREAM_FUNCTIONS.replace(
    ADVANCE,
    withOtherOutputs(ADVANCE, outputTensors(step.graph), plan),
  );
  return `/* What is kept of each tensor from step to step. */
static const struct east_kept east_kept_tensors[${kept.length}] = {
${rows.join('\n')}
};

static const struct east_stream east_network_stream = {
    &east_network,
    east_kept_tensors,
    ${counter},
    ${step.warmUp},
    ${kept.length},
};

${functions}`;
}

export function streamMacros({ step, window }: StreamPlan): string {
  return `/* Further RAM where east_invoke() of east_window.c is linked. */
#define EAST_WINDOW_ARENA_BYTES ${window.ram.total}
/* One step along the stream: ${step.axis === 0 ? 'rows' : 'columns'} of the input, the newest last, and their bytes. */
#define EAST_STEP ${step.hop}
#define EAST_STEP_BYTES ${elements(step.graph.inputShape)}
/* Steps until the first output. */
#define EAST_WARM_UP ${step.warmUp}
`;
}

/** @param several whether the network has several outputs */
export function streamDeclarations({ exact }: StreamStep, several: boolean): string {
  const output = exact
    ? 'what east_invoke() gives of the last EAST_INPUT_BYTES that the stream has brought, byte for byte'
    : 'what the network gives of all that the stream has brought: it pads in front, where a window of its own has no past';
  return `/*
 * One step along the stream.
 * input   int8_t[EAST_STEP_BYTES], what is new; may be what east_input() returns, which saves the copy. Fill that anew before
 *         every call: a step overwrites it.
 * output  int8_t[EAST_OUTPUT_BYTES], owned by the caller${several ? ' and not what east_input() returns' : ''}; with EAST_OK:
 *         ${output}
 * EAST_PENDING: the first window is not full, and what is in output means nothing. After a status of damaged weights the next
 * step begins the stream anew. Of them only the structure is checked: any other changed byte gives EAST_OK and a wrong output;
 * only east_check_weights() finds those. No damage of the weights leads to an access outside the buffers.
 */
enum east_status east_advance(const int8_t *input, int8_t *output);

/* Forgets the past: the next step begins a stream. */
void east_restart(void);

/* Where a step's input lies in the arena, to be filled in place before every step, which overwrites it. */
int8_t *east_input(void);

/* The network over a whole window, in east_window.c with an arena of its own: input int8_t[EAST_INPUT_BYTES]. */
enum east_status east_invoke(const int8_t *input, int8_t *output);
`;
}

/** What the self-test has for streams: its tables and a function that runs them. */
export function streamSelfTest({ inputs, outputs, recorded }: StreamVectors): string {
  const width = outputs.find((output) => output !== undefined)?.length ?? 1;
  const rows = (values: readonly (ArrayLike<number> | undefined)[]): string =>
    values
      .map(
        (value, i) => `    {\n${numbersTable(`step ${i}`, value ?? new Int8Array(width))}\n    },`,
      )
      .join('\n');
  return `static const int8_t east_selftest_steps[${inputs.length}][EAST_STEP_BYTES] = {
${rows(inputs)}
};

static const int8_t east_selftest_answers[${outputs.length}][EAST_OUTPUT_BYTES] = {
${rows(outputs)}
};

${
  recorded === undefined
    ? ''
    : `${pushes(recorded.recordings, inputs.length)}
`
}static enum east_status run_stream(int8_t *output)
{
    enum east_status status = EAST_PENDING;
    unsigned i;

    east_restart();
    for (i = 0; i < ${inputs.length}U; i++) {
        status = east_advance(east_selftest_steps[i], output);
        if (status != (i + 1U < EAST_WARM_UP ? EAST_PENDING : EAST_OK)) {
            return status == EAST_OK || status == EAST_PENDING ? EAST_MISMATCH : status;
        }
        if (status == EAST_OK && memcmp(output, east_selftest_answers[i], EAST_OUTPUT_BYTES) != 0) {
            return EAST_MISMATCH;
        }
    }
    east_restart();
    return ${recorded === undefined ? 'EAST_OK' : 'run_pushes(output)'};
}
`;
}

/** The same steps from raw samples on, which are the examples' own: as stream-vectors.ts cuts them. */
function pushes(recordings: number, steps: number): string {
  return `/* The same steps from raw samples on, hop by hop, behind so much silence that the first hop makes a frame. */
static enum east_status run_pushes(int8_t *output)
{
    enum {
        HOP = EAST_HOP_SAMPLES * EAST_SAMPLE_CHANNELS,
        RECORDING = EAST_SAMPLES * EAST_SAMPLE_CHANNELS,
        RECORDINGS = ${recordings}
    };
    static int16_t hop[HOP];
    const uint32_t lead = (EAST_FRAME_SAMPLES - 1U) / EAST_HOP_SAMPLES;
    uint32_t at = 0;
    uint32_t i, k;

    east_reset();
    memset(hop, 0, sizeof hop);
    for (i = 0; i < lead; i++) {
        if (east_push(hop, output) != EAST_PENDING) {
            return EAST_MISMATCH;
        }
    }
    for (i = 0; i < ${steps}U * EAST_STEP; i++) {
        const uint32_t step = i / EAST_STEP;
        const int due = i % EAST_STEP == EAST_STEP - 1U && step + 1U >= EAST_WARM_UP;
        enum east_status status;

        for (k = 0; k < HOP; k++) {
            hop[k] = east_selftest_samples[at / RECORDING][at % RECORDING];
            at = at + 1U == (uint32_t)RECORDINGS * RECORDING ? 0U : at + 1U;
        }
        status = east_push(hop, output);
        if (status != (due ? EAST_OK : EAST_PENDING)) {
            return status == EAST_OK || status == EAST_PENDING ? EAST_MISMATCH : status;
        }
        if (due && memcmp(output, east_selftest_answers[step], EAST_OUTPUT_BYTES) != 0) {
            return EAST_MISMATCH;
        }
    }
    east_reset();
    return EAST_OK;
}
`;
}
