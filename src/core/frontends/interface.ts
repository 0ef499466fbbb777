/** The C functions of a front end and their declarations, in the runtime's names: the same text for all front ends. */

/** The functions behind the header's declarations, on top of a `struct east_frontend east_front`. */
export const FRONTEND_FUNCTIONS = `enum east_status east_process(const int16_t *samples, int8_t *output)
{
    if (samples == NULL) {
        return EAST_BAD_ARGUMENT;
    }
    east_frontend_whole(&east_front, samples);
    return output == NULL ? EAST_OK : east_invoke(east_front.codes, output);
}

void east_reset(void)
{
    *east_front.pushes = 0;
}

enum east_status east_push(const int16_t *samples, int8_t *output)
{
    if (samples == NULL) {
        return EAST_BAD_ARGUMENT;
    }
    if (!east_frontend_hop(&east_front, samples)) {
        return EAST_PENDING;
    }
    return output == NULL ? EAST_OK : east_invoke(east_front.codes, output);
}

const int8_t *east_features(void)
{
    return east_front.codes;
}
`;

/**
 * The same where the network runs along a stream: a hop at a time makes frames, and as many as a step has advance the network.
 * Stands on `east_advance` and `east_restart` of <name>_model.c.
 */
export const STREAM_FRONTEND_FUNCTIONS = `void east_reset(void)
{
    *east_front.pushes = 0;
    east_restart();
}

enum east_status east_push(const int16_t *samples, int8_t *output)
{
    if (samples == NULL || output == NULL) {
        return EAST_BAD_ARGUMENT;
    }
    if (!east_frontend_hop(&east_front, samples)) {
        return EAST_PENDING;
    }
    /* The frames of a step are there; the next step begins with the next one. */
    *east_front.pushes -= EAST_STEP;
    return east_advance(east_front.codes, output);
}
`;

/** The whole window beside it, in <name>_window.c: by the same tables, with codes of its own. */
export const WINDOW_FRONTEND_FUNCTIONS = `extern const struct east_frontend east_front;

static int8_t east_window_codes[EAST_INPUT_BYTES];

enum east_status east_process(const int16_t *samples, int8_t *output)
{
    struct east_frontend whole = east_front;
    uint32_t pushes;

    if (samples == NULL) {
        return EAST_BAD_ARGUMENT;
    }
    whole.frames = EAST_FRAMES;
    whole.codes = east_window_codes;
    whole.pushes = &pushes;
    east_frontend_whole(&whole, samples);
    return output == NULL ? EAST_OK : east_invoke(east_window_codes, output);
}

const int8_t *east_features(void)
{
    return east_window_codes;
}
`;

export const FRONTEND_DECLARATIONS = `
/*
 * One inference of a whole example: the front end, then the network.
 * samples  int16_t[EAST_SAMPLES * EAST_SAMPLE_CHANNELS], owned by the caller, read only; sample after sample, each with
 *          all of its channels
 * output   as of east_invoke(); NULL: only the features are computed
 * Resets the stream. The arena serves as the front end's working memory, so what east_input() points at is lost.
 */
enum east_status east_process(const int16_t *samples, int8_t *output);

/*
 * A stream, hop by hop: computes the newest frame and keeps those before it. The output is that of east_process() on the
 * newest EAST_SAMPLES samples.
 * samples  int16_t[EAST_HOP_SAMPLES * EAST_SAMPLE_CHANNELS], owned by the caller, read only
 * output   as of east_invoke(); NULL: only the frame is computed, for who needs no output after every hop
 * EAST_PENDING until as many frames have been pushed as an example has: then nothing is written.
 */
enum east_status east_push(const int16_t *samples, int8_t *output);

/* Forgets all samples: the next push begins a new stream. */
void east_reset(void);

/* The network's input of the last east_process() or east_push(): int8_t[EAST_INPUT_BYTES], [EAST_FRAMES, EAST_FEATURES]. */
const int8_t *east_features(void);
`;

/** Of a network that runs along a stream. @param exact as of streamDeclarations */
export function streamFrontendDeclarations(exact: boolean): string {
  const output = exact
    ? 'that of east_process() on the newest EAST_SAMPLES samples, byte for byte'
    : 'that of the network on all that the stream has brought: it pads in front, where a window of its own has no past';
  return `
/*
 * A stream of raw samples, hop by hop: computes the newest frame, and with every EAST_STEP-th one a step of the network.
 * samples  int16_t[EAST_HOP_SAMPLES * EAST_SAMPLE_CHANNELS], owned by the caller, read only; sample after sample, each with
 *          all of its channels
 * output   as of east_advance(); written with EAST_OK:
 *          ${output}
 * EAST_PENDING: the step is not whole, or the first window is not full; what is in output means nothing. Else the status of what
 * failed, as of east_advance(). Use either this or east_advance() along one stream.
 */
enum east_status east_push(const int16_t *samples, int8_t *output);

/* Forgets all samples and what the network keeps: the next push begins a new stream. */
void east_reset(void);

/*
 * Front end and network on a whole example, in east_window.c: int16_t[EAST_SAMPLES * EAST_SAMPLE_CHANNELS]; output as of
 * east_invoke(), NULL: only the features are computed. The stream goes on behind it as if it had not been called.
 */
enum east_status east_process(const int16_t *samples, int8_t *output);

/* The network's input of the last east_process(), in east_window.c, too: int8_t[EAST_INPUT_BYTES], [EAST_FRAMES, EAST_FEATURES]. */
const int8_t *east_features(void);
`;
}

/** A front end of nothing, behind the interface of a model without a model: to measure what the functions above take. */
export const FRONTEND_STUB = `#include "east_frontend.h"
enum east_status east_process(const int16_t *samples, int8_t *output);
enum east_status east_push(const int16_t *samples, int8_t *output);
void east_reset(void);
const int8_t *east_features(void);
static int16_t east_front_history[4];
static int8_t east_front_codes[4];
static int32_t east_front_work[4];
static uint32_t east_front_pushes;
static const struct east_frontend east_front = {
    east_samples, 0, 0, 0, east_front_work, east_front_history, east_front_codes, &east_front_pushes, 1, 1, 1, 1, 1};
${FRONTEND_FUNCTIONS}`;

/** The same behind the interface of a model that runs along a stream. */
export const STREAM_FRONTEND_STUB = `#include "east_frontend.h"
#define EAST_STEP 2
enum east_status east_push(const int16_t *samples, int8_t *output);
void east_reset(void);
static int16_t east_front_history[4];
static int8_t east_front_codes[4];
static int32_t east_front_work[4];
static uint32_t east_front_pushes;
extern const struct east_frontend east_front;
const struct east_frontend east_front = {
    east_samples, 0, 0, 0, east_front_work, east_front_history, east_front_codes, &east_front_pushes, 2, 1, 1, 1, 1};
${STREAM_FRONTEND_FUNCTIONS}`;
