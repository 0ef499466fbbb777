/** What sources take, as their manifest records it: for a fresh clone, where neither run nor compiler need be. */
import type { ManifestInputs } from '../firmware/manifest';
import type { Sizes } from '../plan/limits';
import type { FlashUsage } from '../plan/usage';

export interface RecordedSizes extends Sizes {
  /** The part of flash that is code; manifests of earlier versions do not tell it from biases and tables. */
  readonly code?: number;
}

/** @param ram bytes */
export function recordSizes(flash: FlashUsage, ram: number): ManifestInputs {
  return {
    flashBytes: String(flash.total),
    ramBytes: String(ram),
    weightBytes: String(flash.weights),
    biasBytes: String(flash.biases),
    tableBytes: String(flash.tables),
    codeBytes: String(flash.code),
  };
}

/** undefined where a manifest has no sizes, or none that can be. */
export function recordedSizes(recorded: ManifestInputs): RecordedSizes | undefined {
  const said = (key: string): number => Number(recorded[key]);
  const sizes = { flash: said('flashBytes'), ram: said('ramBytes'), weights: said('weightBytes') };
  if (!Object.values(sizes).every(isSize) || sizes.flash < sizes.weights) return undefined;
  const parts = [said('biasBytes'), said('tableBytes'), said('codeBytes')];
  const whole = parts.reduce((sum, bytes) => sum + bytes, sizes.weights);
  // Parts that do not add up are no better than none.
  return parts.every(isSize) && whole === sizes.flash
    ? { ...sizes, code: said('codeBytes') }
    : sizes;
}

function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0;
}
