/** How weights become codes, for all formats: what training needs of them beside their bytes. */
import { fit as binary } from './binary/fit';
import type { FormatFit } from './fit';
import type { WeightFormat } from './formats';
import { fit as int4 } from './int4/fit';
import { fit as int8 } from './int8/fit';
import { fit as quaternary } from './quaternary/fit';
import { stepFit } from './step-fit';
import { fit as ternary } from './ternary/fit';

export const FITS = { int8, int4, quaternary, ternary, binary } satisfies Record<
  WeightFormat,
  FormatFit
>;

/**
 * What a layer is trained in: a format to store its codes in, and a fit that finds them. An experiment may bring a fit of
 * its own, whose codes are among the format's.
 */
export interface TrainedFormat {
  readonly id: WeightFormat;
  readonly fit: FormatFit;
  /** Id of the codec that stores its tiles; absent for the usual one. */
  readonly codec?: string;
  /** Where the codes are multiples of one step for the whole layer (step-fit.ts): that step. */
  readonly step?: number;
}

/** By layer name: what the layer may be trained in. */
export type TrainedFormats = Readonly<Record<string, readonly TrainedFormat[]>>;

/** With the format's own fit, or in multiples of a step. */
export function trainedFormat(id: WeightFormat, step?: number): TrainedFormat {
  return step === undefined ? { id, fit: FITS[id] } : { id, fit: stepFit(step), step };
}

/** What a thread has to know of a format to fit a layer's channels as all others do; null where only its own fit can. */
export type NamedFormat = Pick<TrainedFormat, 'id' | 'step'> | null;

/** As far as threads can share a layer's channels. */
export function namedFormat({ id, fit, step }: TrainedFormat): NamedFormat {
  if (!fit.byChannel) return null;
  if (step !== undefined) return { id, step };
  return fit === FITS[id] ? { id } : null;
}

/** The same for the formats that each layer may have. */
export function trainedFormats(
  possible: Readonly<Record<string, readonly WeightFormat[]>>,
): TrainedFormats {
  return Object.fromEntries(
    Object.entries(possible).map(([layer, formats]) => [
      layer,
      formats.map((id) => trainedFormat(id)),
    ]),
  );
}
