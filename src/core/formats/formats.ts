/** All weight formats: what each is to everybody who stores, reads or counts weights. */
import { binary } from './binary/format';
import type { Format } from './format';
import { int4 } from './int4/format';
import { int8 } from './int8/format';
import { quaternary } from './quaternary/format';
import { ternary } from './ternary/format';

/** Those of more levels first. */
export const WEIGHT_FORMATS = ['int8', 'int4', 'quaternary', 'ternary', 'binary'] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

/** Formats that each layer's weights may have, by layer name: at least one each, int8 first where it is among them. */
export type PossibleFormats = Readonly<Record<string, readonly WeightFormat[]>>;

/** There was an `int2` of codes −1, 0, 1; what is left of it in files is refused by its name. */
export const FORMATS = { int8, int4, quaternary, ternary, binary } satisfies Record<
  WeightFormat,
  Format
>;

/** What a config may say for one format. */
export type WeightSetting = (typeof FORMATS)[WeightFormat]['setting'];

/** The format that a config asks for. */
export function formatSet(setting: WeightSetting): WeightFormat {
  const found = WEIGHT_FORMATS.find((format) => FORMATS[format].setting === setting);
  if (found === undefined) throw new Error(`no format is called ${setting}`);
  return found;
}

/** For what is read from a file. */
export function isWeightFormat(value: unknown): value is WeightFormat {
  return WEIGHT_FORMATS.some((format) => format === value);
}
