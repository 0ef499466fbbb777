/** Reads a linker's map, whichever of the linkers that are known wrote it. */
import { UserError } from '../../util/errors';
import { isArmlinkMap, parseArmlinkMap } from './armlink-map';
import { isGnuMap, parseGnuMap } from './gnu-map';
import { isIarMap, parseIarMap } from './iar-map';
import type { LinkerMap } from './linker-map';

/** Longest map that is read, in characters; those of large firmware have a few million. */
export const MAX_MAP_TEXT = 50_000_000;

const READ = 'maps of GNU ld (-Wl,-Map=app.map), armlink and IAR are read';

/** @throws UserError in one sentence for what is no map */
export function parseMap(text: string): LinkerMap {
  if (text.length > MAX_MAP_TEXT) throw new UserError('this map is too large to be read');
  if (isGnuMap(text)) return parseGnuMap(text);
  if (isArmlinkMap(text)) return parseArmlinkMap(text);
  if (isIarMap(text)) return parseIarMap(text);
  throw new UserError(`${whatElse(text)}; ${READ}`);
}

function whatElse(text: string): string {
  const start = text.slice(0, 4000);
  if (/^\s*\{[^]*"(?:mappings|sections)"/.test(start)) return 'this is a JavaScript source map';
  if (/^\s*VMA\s+LMA\s+Size\s+Align\s+Out\s+In\s+Symbol/m.test(start)) {
    return 'this is a map of LLVM lld, which names no memory regions';
  }
  if (/^\s*(?:Archive member included|Discarded input sections|As-needed library)/m.test(start)) {
    return 'this map of the GNU linker has no "Memory Configuration", as if it was cut off';
  }
  if (/Component: .*armlink/i.test(start)) {
    return 'this map of armlink has no "Memory Map of the image" (--map; in Keil: Listing, Memory Map)';
  }
  if (text.includes('\0')) return 'this is no text';
  return 'this is no map of a linker';
}
