/** From the config's `frontend` as people write it to what the front ends compute by. */
import type { FrontendConfig, FrontendFile, FrontendKind, Statistic } from './config';
import { STATISTICS } from './config';
import { emptyBands, filterBank } from './spectral/bands';
import { MOST_SIZE } from './spectral/fft';
import { defined } from '../util/defined';

type Key = keyof FrontendFile;
type Report = (key: Key | undefined, message: string, severity?: 'error' | 'warning') => void;

const ALL: readonly Key[] = ['kind', 'sampleRate', 'length'];
const FRAMES: readonly Key[] = [...ALL, 'window', 'hop', 'bands', 'lowest', 'highest'];
/** Keys of each kind. */
const KEYS: Readonly<Record<FrontendKind, readonly Key[]>> = {
  'log-mel': FRAMES,
  mfcc: [...FRAMES, 'coefficients'],
  spectrum: [...FRAMES, 'channels', 'statistics'],
  window: [...ALL, 'channels'],
};
/** The network's dimensions are uint16 on the chip. */
const MOST_FRAMES = 65535;
const MOST_SAMPLES = 2 ** 24;

/** Samples of a number of them, or of a time such as "30 ms" at a rate in hertz; undefined for what is neither. */
export function parseTime(
  time: number | string,
  sampleRate: number | undefined,
): number | undefined {
  if (typeof time === 'number') return time;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(ms|s)$/.exec(time) ?? [];
  if (number === undefined || sampleRate === undefined) return undefined;
  return Math.round((Number(number) * sampleRate) / (unit === 'ms' ? 1000 : 1));
}

/** Undefined where something is wrong, which has been reported. */
export function resolveFrontend(file: FrontendFile, report: Report): FrontendConfig | undefined {
  let sound = true;
  const wrong = (key: Key | undefined, message: string): void => {
    sound = false;
    report(key, message);
  };
  const keys = KEYS[file.kind];
  for (const key of ALL_KEYS) {
    // That sound has one channel may be said; a run's record says it.
    if (file[key] === undefined || keys.includes(key) || (key === 'channels' && file[key] === 1))
      continue;
    wrong(key, `is not for ${file.kind}, whose keys are ${keys.join(', ')}`);
  }
  const { kind, sampleRate } = file;
  if (sampleRate === undefined && kind !== 'window') {
    wrong(undefined, `${kind} needs "sampleRate", the samples of a second`);
  }
  if (!sound) return undefined;
  const samples = (key: 'length' | 'window' | 'hop', most: number, usual: number): number => {
    const written = file[key];
    if (written === undefined) return Math.min(usual, most);
    const count = parseTime(written, sampleRate);
    if (count === undefined) wrong(key, 'a time needs "sampleRate", the samples of a second');
    else if (count < 1) wrong(key, `is ${count} samples; it takes at least 1`);
    else if (count > most) wrong(key, `is ${count} samples; there can be at most ${most} here`);
    return count ?? 1;
  };
  const length = samples('length', MOST_SAMPLES, 1);
  if (!sound) return undefined;
  if (kind === 'window') {
    if (length > MOST_FRAMES) wrong('length', `is ${length} samples; at most ${MOST_FRAMES} fit`);
    const channels = file.channels ?? 1;
    return sound ? { kind, length, channels, ...defined({ sampleRate }) } : undefined;
  }
  const rate = sampleRate ?? 1;
  const ofSound = kind !== 'spectrum';
  const window = samples('window', Math.min(length, MOST_SIZE), ofSound ? 0.03 * rate : 256);
  const whole = Math.max(1, Math.round(window));
  const hop = samples('hop', length, ofSound ? Math.round((whole * 2) / 3) : Math.ceil(whole / 2));
  const bands = file.bands ?? (ofSound ? 40 : 16);
  const lowest = file.lowest ?? (ofSound ? Math.min(20, rate / 4) : 0);
  const highest = file.highest ?? (ofSound ? Math.min(8000, rate / 2) : rate / 2);
  if (whole < 4) wrong('window', `is ${whole} samples; a spectrum takes at least 4`);
  if (highest > rate / 2) {
    wrong('highest', `is ${highest} Hz, but samples at ${rate} Hz hold nothing above ${rate / 2}`);
  } else if (lowest >= highest) {
    wrong(
      file.lowest === undefined ? 'highest' : 'lowest',
      `is to be below "highest", ${highest} Hz; found ${lowest}`,
    );
  }
  const coefficients = file.coefficients ?? Math.min(13, bands);
  if (kind !== 'spectrum' && bands < 1) wrong('bands', `${kind} takes at least 1`);
  if (coefficients > bands) {
    wrong('coefficients', `is ${coefficients}; of ${bands} bands there are at most ${bands}`);
  }
  const statistics: readonly Statistic[] = file.statistics ?? STATISTICS;
  if (kind === 'spectrum' && bands + statistics.length === 0) {
    wrong('bands', 'is 0, and there are no statistics: nothing would be computed');
  }
  if (!sound) return undefined;
  const frames = Math.floor((length - whole) / hop) + 1;
  if (frames > MOST_FRAMES) wrong('hop', `makes ${frames} frames; at most ${MOST_FRAMES} fit`);
  const common = {
    // Samples behind the last frame would be measured by none.
    length: (frames - 1) * hop + whole,
    sampleRate: rate,
    window: whole,
    hop,
    bands,
    lowest,
    highest,
  };
  const config: FrontendConfig =
    kind === 'log-mel'
      ? { kind, channels: 1, ...common }
      : kind === 'mfcc'
        ? { kind, channels: 1, ...common, coefficients }
        : { kind, channels: file.channels ?? 1, ...common, statistics };
  const empty = bands === 0 ? 0 : emptyBands(filterBank(config));
  if (empty > 0) {
    report(
      file.bands === undefined ? undefined : 'bands',
      `${empty} of ${bands} bands are narrower than the spectrum resolves, so they are always silent; ` +
        'take fewer bands, a longer window or a higher "lowest"',
      'warning',
    );
  }
  return sound ? config : undefined;
}

const ALL_KEYS: readonly Key[] = [...new Set(Object.values(KEYS).flat())];
