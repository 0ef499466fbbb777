/** The config's `frontend` with every default filled in: times are samples, frequencies hertz. */

export const FRONTEND_KINDS = ['log-mel', 'mfcc', 'spectrum', 'window'] as const;
export type FrontendKind = (typeof FRONTEND_KINDS)[number];

/** What all kinds have. A sample is one value of each channel. */
interface Recording {
  /** Samples of one example: those that its frames cover, neither more nor fewer. */
  readonly length: number;
  /** Values that are measured at the same time: axes of an accelerometer; sound has one. */
  readonly channels: number;
}

/** An example as frames, each the spectrum of a window; the next one begins a hop later. */
interface Frames extends Recording {
  /** Samples per second. */
  readonly sampleRate: number;
  readonly window: number;
  readonly hop: number;
  /** Triangular filters between the two frequencies. */
  readonly bands: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface LogMelConfig extends Frames {
  readonly kind: 'log-mel';
}

export interface MfccConfig extends Frames {
  readonly kind: 'mfcc';
  readonly coefficients: number;
}

export const STATISTICS = ['mean', 'rms', 'peak', 'crest', 'kurtosis'] as const;
export type Statistic = (typeof STATISTICS)[number];

export interface SpectrumConfig extends Frames {
  readonly kind: 'spectrum';
  /** Of each axis, beside its bands. */
  readonly statistics: readonly Statistic[];
}

/** Samples as they are, scaled. */
export interface WindowConfig extends Recording {
  readonly kind: 'window';
  readonly sampleRate?: number;
}

/** Kinds whose frames are spectra. */
export type SpectralConfig = LogMelConfig | MfccConfig | SpectrumConfig;
export type FrontendConfig = SpectralConfig | WindowConfig;

/** As people write it: times in samples or as `"30 ms"`, defaults left out. */
export interface FrontendFile {
  readonly kind: FrontendKind;
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly length: number | string;
  readonly window?: number | string;
  readonly hop?: number | string;
  readonly bands?: number;
  readonly lowest?: number;
  readonly highest?: number;
  readonly coefficients?: number;
  readonly statistics?: readonly Statistic[];
}
