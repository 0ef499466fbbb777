/** Which of a chip's memory regions is the flash a model goes into, and which the RAM it works in. */
import type { MemoryRegion } from './linker-script';

export interface ChosenRegion<R extends MemoryRegion = MemoryRegion> {
  readonly region: R;
  /** Names of others of that kind, which are smaller. */
  readonly others: readonly string[];
}

/** The largest region of a kind: code and weights go there unless somebody says otherwise. */
export function chooseRegion<R extends MemoryRegion>(
  regions: readonly R[],
  kind: 'flash' | 'ram',
): ChosenRegion<R> | undefined {
  const [region, ...others] = regions
    .filter((candidate) => kindOf(candidate) === kind)
    .sort((a, b) => b.length - a.length);
  return region && { region, others: others.map(({ name }) => name) };
}

const FLASH = /flash|rom|text|code|prog|xip/i;
const RAM = /ram|data|stack|heap|bss|tcm|scratch|noinit/i;
const NEITHER = /eeprom|otp|option|info|config/i;

/** By name, which says more than attributes do (`FLASH (rwx)`, `iram (rx)`); by those where it says nothing. */
function kindOf({ name, attributes }: MemoryRegion): 'flash' | 'ram' | undefined {
  if (NEITHER.test(name)) return undefined;
  const [flash, ram] = [FLASH.test(name), RAM.test(name)];
  if (flash !== ram) return flash ? 'flash' : 'ram';
  const [, given = '', withheld = ''] = /^([^!]*)(?:!(.*))?$/.exec(attributes ?? '') ?? [];
  if (/w/i.test(given)) return 'ram';
  if (/[rx]/i.test(given) || /w/i.test(withheld)) return 'flash';
  return undefined;
}
