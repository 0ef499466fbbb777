/** Which of the map files beside a firmware is that of the image the model goes into. */
import { basename } from 'node:path';
import type { LinkerMap } from './linker-map';
import type { LinkerScript, MemoryRegion } from './linker-script';

export interface MapCandidate {
  readonly file: string;
  readonly map: LinkerMap;
  /** The script as it reads with the symbols of this map; undefined where there is none or it cannot be read. */
  readonly script: LinkerScript | undefined;
  /** Whether sections of the model are in it. */
  readonly own: boolean;
}

export interface ChosenMap {
  readonly chosen: MapCandidate | undefined;
  readonly passedOver: readonly { readonly file: string; readonly why: string }[];
}

/**
 * The newest that is of this image; where another image was linked with the same script, the one that has the model.
 *
 * @param candidates newest first
 * @param loose whether the script's regions are a guess, because a preprocessor made them
 */
export function chooseMap(
  candidates: readonly MapCandidate[],
  scriptFile: string | undefined,
  loose: boolean,
): ChosenMap {
  const passedOver: { file: string; why: string }[] = [];
  const possible: MapCandidate[] = [];
  for (const candidate of candidates) {
    const why =
      scriptFile === undefined ? undefined : difference(candidate, basename(scriptFile), loose);
    if (why === undefined) possible.push(candidate);
    else passedOver.push({ file: candidate.file, why });
  }
  const [newest] = possible;
  const image = (candidate: MapCandidate): string => basename(candidate.map.output ?? '');
  const chosen =
    newest?.own === false
      ? (possible.find((other) => other.own && image(other) !== image(newest)) ?? newest)
      : newest;
  for (const other of possible) {
    if (other === chosen || chosen === undefined) continue;
    const older = possible.indexOf(other) > possible.indexOf(chosen);
    const why = older
      ? `it is older than ${basename(chosen.file)}`
      : `the model is not in ${image(other) || 'its image'}, but in that of ${basename(chosen.file)}`;
    passedOver.push({ file: other.file, why });
  }
  return { chosen, passedOver };
}

/** Why a map is not of the script's image; undefined where it may be. */
function difference(
  { map, script }: MapCandidate,
  scriptName: string,
  loose: boolean,
): string | undefined {
  if (map.linker !== 'GNU ld')
    return `it is a map of ${map.linker}, and ${scriptName} a script of GNU ld`;
  if (script === undefined) return undefined;
  for (const region of script.regions) {
    const same = map.regions.find(({ name }) => name === region.name);
    if (same === undefined) return `it is of another image: it has no region ${region.name}`;
    if (!loose && (same.origin !== region.origin || same.length !== region.length)) {
      return `it is of another image, or older than ${scriptName}: ${described(same)} there, ${described(region)} in ${scriptName}`;
    }
  }
  // Files that were not read may have declared more.
  const known = new Set([...script.regions, ...script.unknown].map(({ name }) => name));
  const more = map.regions.find(({ name }) => !known.has(name));
  const complete = known.size > 0 && script.notFollowed.length === 0;
  return complete && more !== undefined
    ? `it is of another image: ${scriptName} has no region ${more.name}`
    : undefined;
}

function described({ name, origin, length }: MemoryRegion): string {
  return `${name} is ${length} bytes at 0x${origin.toString(16).padStart(8, '0')}`;
}
