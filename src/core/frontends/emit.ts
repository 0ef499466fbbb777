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

/** Bytes that a frame needs while it is computed: the arena has them, which is idle then. */
export function workBytes(config: FrontendConfig): number {
  const { features } = layoutOf(config);
  if (config.kind === 'window') return 4 * features;
  const values = transformSize(config.window) + 2;
  return 4 * (features + values + (config.kind === 'mfcc' ? config.bands : 0));
}

/** Bytes of the arena, which a front end needs to be as large as its work. */
export function arenaWith(arena: number, config: FrontendConfig | undefined): number {
  return config === undefined ? arena : Math.max(arena, workBytes(config));
}

/** Bytes of RAM beside the arena: the newest samples, the example's codes, and how many hops have been pushed. */
export function frontendState(config: FrontendConfig | undefined): number {
  if (config === undefined) return 0;
  const { window, channels, frames, features } = layoutOf(config);
  return 2 * window * channels + frames * features + 4;
}

/** The constants and the state, with `east_` names, to go into <name>_model.c behind the arena. */
export function frontendTables({ config, offset, scale }: FrontendModel): string {
  const { window, hop, channels, frames, features } = layoutOf(config);
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
  ];
  const params =
    config.kind === 'window'
      ? []
      : [
          'static const struct east_spectral east_front_params =',
          `    ${spectralParams(config, own)};`,
        ];
  return `/* The front end: ${config.kind}, [${layoutOf(config).samples}, ${channels}] samples -> [${frames}, ${features}] features. */
${texts.join('\n\n')}

${state.join('\n')}
${params.join('\n')}
static const struct east_frontend east_front =
    ${braces(
      FRAME[config.kind],
      config.kind === 'window' ? 'NULL' : '&east_front_params',
      'east_front_offset',
      'east_front_scale',
      // The arena is idle while frames are computed.
      '(int32_t *)(void *)east_arena',
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
export function frontendMacros({ config, counts }: FrontendModel): string {
  const { samples, hop, channels, frames, features } = layoutOf(config);
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
#define EAST_FRAMES ${frames}
#define EAST_FEATURES ${features}
/* RAM beside the arena: the newest samples, and an example's features. */
#define EAST_FRONTEND_BYTES ${frontendState(config)}
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
