/** A front end in C: which files it needs, its constant tables and state as text, and what both take. */
import { braces, numbersTable } from '../firmware/c-text';
import { structBytes } from '../firmware/struct-bytes';
import type { Target } from '../firmware/targets/target';
import { STATISTICS, type FrontendConfig, type FrontendKind, type SpectralConfig } from './config';
import type { FrontendModel } from './frontend';
import { layoutOf } from './frontends';
import { filterBank } from './spectral/bands';
import { dctTable } from './spectral/dct';
import { fractionBits, hannHalf, quarterSine, transformSize } from './spectral/fft';
import { logTable } from './spectral/fixed-point';

/** What computes a frame. */
const FRAME: Readonly<Record<FrontendKind, string>> = {
  'log-mel': 'east_log_mel',
  mfcc: 'east_mfcc',
  spectrum: 'east_spectrum',
  window: 'east_samples',
};

/** Names of the C files, without ending. */
export function frontendSources(config: FrontendConfig | undefined): string[] {
  if (config === undefined) return [];
  const spectral = config.kind === 'window' ? [] : ['east_log_bands', 'east_fft'];
  return ['east_frontend', FRAME[config.kind], ...spectral];
}

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

interface Table {
  readonly name: string;
  readonly type: 'uint8_t' | 'int16_t' | 'uint16_t' | 'int32_t';
  readonly values: ArrayLike<number>;
}

const BYTES: Readonly<Record<Table['type'], number>> = {
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  int32_t: 4,
};

/** By the fields of struct east_spectral; a table without entries is NULL. */
function spectralTables(config: SpectralConfig): Table[] {
  const size = transformSize(config.window);
  const { starts, weights } = bankOf(config);
  return [
    { name: 'sine', type: 'uint16_t', values: quarterSine(size) },
    { name: 'hann', type: 'uint16_t', values: hannHalf(config.window) },
    { name: 'logs', type: 'uint16_t', values: logTable() },
    { name: 'starts', type: 'uint16_t', values: starts },
    { name: 'weights', type: 'uint16_t', values: weights },
    {
      name: 'cosines',
      type: 'int16_t',
      values: config.kind === 'mfcc' ? dctTable(config.coefficients, config.bands) : [],
    },
    {
      name: 'chosen',
      type: 'uint8_t',
      values:
        config.kind === 'spectrum' ? config.statistics.map((name) => STATISTICS.indexOf(name)) : [],
    },
  ];
}

/** Without bands there is nothing to weigh. */
function bankOf(config: SpectralConfig): {
  starts: ArrayLike<number>;
  weights: ArrayLike<number>;
} {
  return config.bands === 0 ? { starts: [], weights: [] } : filterBank(config);
}

/** Bytes of flash of the constants. */
export function frontendTableBytes(
  config: FrontendConfig | undefined,
  target: Pick<Target, 'codeSizes'>,
): number {
  if (config === undefined) return 0;
  const { features } = layoutOf(config);
  const own = config.kind === 'window' ? [] : spectralTables(config);
  return (
    own.reduce((sum, { type, values }) => sum + BYTES[type] * values.length, 0) +
    (config.kind === 'window' ? 0 : structBytes('east_spectral', target)) +
    structBytes('east_frontend', target) +
    2 * BYTES.int32_t * features
  );
}

/** Bytes that a frame needs while it is computed: the arena has them, which is idle then, or keeps what a stream needs. */
export function workBytes(config: FrontendConfig): number {
  const { features } = layoutOf(config);
  if (config.kind === 'window') return 4 * features;
  const values = transformSize(config.window) + 2;
  return 4 * (features + values + (config.kind === 'mfcc' ? config.bands : 0));
}

/**
 * Bytes of the arena, which a front end needs to be as large as its work.
 *
 * @param step frames of a step, where the network runs along a stream: its arena is never idle
 */
export function arenaWith(
  arena: number,
  config: FrontendConfig | undefined,
  step: number | undefined,
): number {
  return config === undefined || step !== undefined ? arena : Math.max(arena, workBytes(config));
}

/**
 * Bytes of RAM beside the arena: the newest samples, the codes of an example (of a step, along a stream), and how many hops have
 * been pushed; along a stream what a frame needs, too.
 */
export function frontendState(
  config: FrontendConfig | undefined,
  step: number | undefined,
): number {
  if (config === undefined) return 0;
  const { window, channels, frames, features } = layoutOf(config);
  const work = step === undefined ? 0 : workBytes(config);
  return 2 * window * channels + (step ?? frames) * features + 4 + work;
}

/**
 * The constants and the state, with `east_` names, to go into <name>_model.c behind the arena.
 *
 * @param step frames of a step, where the network runs along a stream
 */
export function frontendTables(
  { config, offset, scale }: FrontendModel,
  step: number | undefined,
): string {
  const { window, hop, channels, features, ...whole } = layoutOf(config);
  const frames = step ?? whole.frames;
  const own = config.kind === 'window' ? [] : spectralTables(config);
  const tables: Table[] = [
    { name: 'offset', type: 'int32_t', values: offset },
    { name: 'scale', type: 'int32_t', values: scale },
    ...own.filter(({ values }) => values.length > 0),
  ];
  const texts = tables.map(
    ({ name, type, values }) =>
      `static const ${type} east_front_${name}[${values.length}] = {\n${numbersTable(name, values)}\n};`,
  );
  const state = [
    `static int16_t east_front_history[${window * channels}];`,
    `static int8_t east_front_codes[${frames * features}];`,
    'static uint32_t east_front_pushes;',
    // Between two steps the arena keeps what the stream needs.
    ...(step === undefined ? [] : [`static int32_t east_front_work[${workBytes(config) / 4}];`]),
  ];
  const params =
    config.kind === 'window'
      ? []
      : [
          'static const struct east_spectral east_front_params =',
          `    ${spectralParams(config, own)};`,
        ];
  return `/* The front end: ${config.kind}, [${whole.samples}, ${channels}] samples -> [${whole.frames}, ${features}] features. */
${texts.join('\n\n')}

${state.join('\n')}
${params.join('\n')}
${step === undefined ? 'static const' : 'extern const struct east_frontend east_front;\nconst'} struct east_frontend east_front =
    ${braces(
      FRAME[config.kind],
      config.kind === 'window' ? 'NULL' : '&east_front_params',
      'east_front_offset',
      'east_front_scale',
      // The arena of whole windows is idle while frames are computed.
      step === undefined ? '(int32_t *)(void *)east_arena' : 'east_front_work',
      'east_front_history',
      'east_front_codes',
      '&east_front_pushes',
      frames,
      features,
      window,
      hop,
      channels,
    )};`;
}

function spectralParams(config: SpectralConfig, tables: readonly Table[]): string {
  const size = transformSize(config.window);
  const pointers = tables.map(({ name, values }) =>
    values.length === 0 ? 'NULL' : `east_front_${name}`,
  );
  return braces(
    ...pointers,
    size,
    config.bands,
    config.kind === 'mfcc' ? config.coefficients : 0,
    15 - fractionBits(size, config.kind === 'spectrum'),
    config.kind === 'spectrum' ? config.statistics.length : 0,
  );
}

/** The macros of the header. */
export function frontendMacros(
  { config, counts }: FrontendModel,
  step: number | undefined,
): string {
  const { samples, window, hop, channels, frames, features } = layoutOf(config);
  const rate =
    config.sampleRate === undefined ? '' : `#define EAST_SAMPLE_RATE ${config.sampleRate}\n`;
  const units =
    counts === undefined
      ? ''
      : `/* What is measured in other units: int16 = round(value * counts of its channel), clamped to -32768 .. 32767. */
#define EAST_SAMPLE_COUNTS {${counts.map((value) => floatText(value)).join(', ')}}
`;
  return `/* The front end: raw samples, int16 [samples, channels], to frames of features. */
#define EAST_SAMPLES ${samples}
#define EAST_SAMPLE_CHANNELS ${channels}
${rate}#define EAST_HOP_SAMPLES ${hop}
${
  step === undefined
    ? ''
    : `#define EAST_FRAME_SAMPLES ${window}
`
}#define EAST_FRAMES ${frames}
#define EAST_FEATURES ${features}
/* RAM beside the arena: the newest samples, and ${step === undefined ? "an example's features" : 'the features of a step, and what a frame needs'}. */
#define EAST_FRONTEND_BYTES ${frontendState(config, step)}
${units}`;
}

function floatText(value: number): string {
  const digits = Number(Math.fround(value).toPrecision(9)).toString();
  return `${/[.e]/.test(digits) ? digits : `${digits}.0`}f`;
}

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
