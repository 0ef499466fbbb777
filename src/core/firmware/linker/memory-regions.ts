/** Which of a chip's memory regions look like flash or RAM, where nothing but their names and attributes is known. */
import type { MemoryRegion } from './linker-script';

const FLASH = /flash|rom|text|code|prog|xip/i;
const RAM = /ram|data|stack|heap|bss|tcm|scratch|noinit/i;
const NEITHER =
  /eeprom|otp|option|info|config|param|^fs$|file_?sys|littlefs|spiffs|idt_list|\bsettings/i;
/** Reached through a bus outside, or for special purposes: nobody's first choice. */
const SPECIAL =
  /q_?spi|o_?spi|x_?spi|spifi|hyper|ext|nor|nand|fmc|fsmc|emc|sdram|psram|boot|slot|ccm|itcm|backup|bkp|rtc|usb|eth|shared|dma|scratch|stack|heap/i;
/** Cortex-M: external memories and devices, whatever they are called. */
const EXTERNAL_START = 0x6000_0000;
const EXTERNAL_END = 0xe000_0000;

/** The likeliest first. */
export function candidateRegions<R extends MemoryRegion>(
  regions: readonly R[],
  kind: 'flash' | 'ram',
): R[] {
  return regions
    .filter((candidate) => kindOf(candidate) === kind)
    .sort((a, b) => Number(isSpecial(a)) - Number(isSpecial(b)) || b.length - a.length);
}

/** By name, which says more than attributes do (`FLASH (rwx)`, `iram (rx)`); by those where it says nothing. */
function kindOf(region: MemoryRegion): 'flash' | 'ram' | undefined {
  const { name, attributes } = region;
  if (NEITHER.test(name)) return undefined;
  const [flash, ram] = [FLASH.test(name), RAM.test(name)];
  if (flash !== ram) return flash ? 'flash' : 'ram';
  const [, given = '', withheld = ''] = /^([^!]*)(?:!(.*))?$/.exec(attributes ?? '') ?? [];
  // A flash on an external bus is written as (rwx), too.
  if (/w/i.test(given)) return isSpecial(region) ? undefined : 'ram';
  if (/[rx]/i.test(given) || /w/i.test(withheld)) return 'flash';
  return undefined;
}

function isSpecial({ name, origin }: MemoryRegion): boolean {
  return SPECIAL.test(name) || (origin >= EXTERNAL_START && origin < EXTERNAL_END);
}
