/** What of a chip's memories the rest of the firmware leaves for the model. */
import type { LinkerFacts } from './linker-facts';
import type { MemoryRegion } from './linker-script';
import { chooseRegion } from './memory-regions';

/** A region that the model goes into and what there is of it. Bytes. */
export interface Room {
  readonly kind: 'flash' | 'ram';
  readonly region: MemoryRegion;
  /** Others of the kind, smaller. */
  readonly others: readonly string[];
  /** What the rest of the firmware takes, where a map tells. */
  readonly taken: number | undefined;
  /** What the model may take. */
  readonly left: number;
  /** The file that says so. */
  readonly file: string;
}

/** What linker script and map leave for the model; nothing for a kind that neither tells. */
export function roomsOf(linker: LinkerFacts): Room[] {
  const script = linker.script && 'value' in linker.script ? linker.script : undefined;
  const map = linker.map && 'value' in linker.map ? linker.map : undefined;
  return (['flash', 'ram'] as const).flatMap((kind): Room[] => {
    const declared = script && chooseRegion(script.value.regions, kind);
    const used = map && chooseRegion(map.value, kind);
    // The map may be of another board's build; the script is what the config names.
    const usage = map?.value.find(({ name }) => name === (declared ?? used)?.region.name);
    const chosen = declared ?? used;
    const file = usage === undefined ? script?.file : map?.file;
    if (chosen === undefined || file === undefined) return [];
    const { region, others } = chosen;
    const taken = usage && usage.used - usage.own;
    return [{ kind, region, others, taken, left: Math.max(0, region.length - (taken ?? 0)), file }];
  });
}
