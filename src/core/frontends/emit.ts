/** A front end in C: which files it needs, its constant tables and state as text, and the macros of the header. */
import { braces, numbersTable } from '../firmware/c-text';
import { type FrontendConfig, type FrontendKind, type SpectralConfig } from './config';
import type { FrontendModel } from './frontend';
import { layoutOf } from './frontends';
import { fractionBits, transformSize } from './spectral/fft';
import { frontendState, workBytes } from './ram';
import { structBytes } from '../firmware/struct-bytes';
import type { Target } from '../firmware/targets/target';
import { BYTES, spectralTables, type Table } from './spectral/tables';

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
