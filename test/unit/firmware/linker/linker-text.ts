/** Linker scripts and maps as texts, and what is read of them, without a disk. */
import { layoutOf } from '../../../../src/core/firmware/linker/layout';
import type { LinkerFacts } from '../../../../src/core/firmware/linker/linker-facts';
import { parseLinkerScript } from '../../../../src/core/firmware/linker/linker-script';
import { ownShare, type OwnFiles } from '../../../../src/core/firmware/linker/own-share';
import { parseMap } from '../../../../src/core/firmware/linker/read-map';
import { defined } from '../../../../src/core/util/defined';

export interface LinkerTexts {
  readonly script?: { readonly file: string; readonly text: string };
  readonly map?: { readonly file: string; readonly text: string };
  readonly own?: OwnFiles;
}

export function factsOf({ script, map, own = { name: 'meter' } }: LinkerTexts): LinkerFacts {
  const read = script && parseLinkerScript(script.text);
  const parsed = map && parseMap(map.text);
  return {
    ...defined({ linkerScript: script?.file }),
    ...(script && read ? { script: { file: script.file, value: read } } : {}),
    ...(map && parsed ? { map: { file: map.file, value: layoutOf(parsed, read) } } : {}),
    ...(parsed === undefined ? {} : { share: ownShare(parsed, own) }),
    own,
    passedOver: [],
    notes: [],
  };
}

const hex = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`;

/** A map of GNU ld with regions `[name, origin, length]` and the lines of its sections. */
export function gnuMap(
  regions: readonly (readonly [name: string, origin: number, length: number])[],
  lines: readonly string[],
): string {
  return [
    'Memory Configuration\n',
    'Name             Origin             Length             Attributes',
    ...regions.map(([name, origin, length]) => `${name} ${hex(origin)} ${hex(length)} xrw`),
    '*default*        0x00000000         0xffffffff',
    '\nLinker script and memory map\n',
    ...lines,
    'OUTPUT(app.elf elf32-littlearm)',
  ].join('\n');
}
