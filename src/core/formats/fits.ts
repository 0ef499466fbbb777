/** How weights become codes, for all formats: what training needs of them beside their bytes. */
import { fit as binary } from './binary/fit';
import type { FormatFit } from './fit';
import type { WeightFormat } from './formats';
import { fit as int4 } from './int4/fit';
import { fit as int8 } from './int8/fit';
import { fit as quaternary } from './quaternary/fit';
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
}

/** By layer name: what the layer may be trained in. */
export type TrainedFormats = Readonly<Record<string, readonly TrainedFormat[]>>;

/** With the format's own fit. */
export function trainedFormat(id: WeightFormat): TrainedFormat {
  return { id, fit: FITS[id] };
}

/** Whether threads can share a layer's channels, knowing the format by its name alone. */
export function sharesChannels({ id, fit }: TrainedFormat): boolean {
  return fit.byChannel && fit === FITS[id];
}

/** The same for the formats that each layer may have. */
export function trainedFormats(
  possible: Readonly<Record<string, readonly WeightFormat[]>>,
): TrainedFormats {
  return Object.fromEntries(
    Object.entries(possible).map(([layer, formats]) => [layer, formats.map(trainedFormat)]),
  );
}
