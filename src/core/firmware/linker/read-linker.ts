/** Reads the firmware's linker script and the map of its last build from the disk. */
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { ResolvedConfig } from '../../config/config';
import { globFiles, isPattern, literalFirst, splitPattern } from '../../config/glob';
import { linkProblem } from '../../config/paths';
import { isInside } from '../../config/workspace';
import { UserError } from '../../util/errors';
import { errorCode } from '../../util/file-errors';
import { FILE_KINDS, isThere, textIfThere } from '../../util/read-file';
import { generatedText, readManifest } from '../manifest';
import { chooseMap, type MapCandidate } from './find-map';
import { layoutOf } from './layout';
import type { LinkerFacts, Read } from './linker-facts';
import type { LinkerMap } from './linker-map';
import {
  evaluateScript,
  scriptConstants,
  type KnownSymbols,
  type LinkerScript,
} from './linker-script';
import { ownShare, type OwnFiles } from './own-share';
import { parseScript } from './parse-script';
import { INSTEAD_OF_PREPROCESSING, preprocess, preprocessorLine } from './preprocess';
import { parseMap } from './read-map';
import { otherLinkerFile } from './script-kind';
import type { ScriptSyntax } from './script-syntax';
import { defined } from '../../util/defined';

type Config = Pick<ResolvedConfig, 'name' | 'firmware' | 'workspace'>;

export interface LinkerOptions {
  /**
   * Whether the compiler's preprocessor may be run on a script that is written for it. It reads whatever the script
   * includes, so nobody who only opens a folder may be made to run it.
   */
  readonly trusted: boolean;
}

/** The linker script and the map of its image, where the config or the default names them. */
export async function readLinker(
  config: Config,
  options: LinkerOptions = { trusted: true },
): Promise<LinkerFacts> {
  const { linkerScript, mapFile } = config.firmware;
  const own = ownFiles(config);
  const read =
    linkerScript === undefined
      ? undefined
      : await readScript(linkerScript, config.workspace, options);
  const written = read && 'value' in read ? read.value : undefined;
  const found = await findMap(config, own, written);
  const { chosen, problem } = found;
  let script: Read<LinkerScript> | undefined;
  if (read !== undefined && 'problem' in read) script = read;
  else if (written !== undefined && linkerScript !== undefined) {
    script =
      chosen?.script === undefined
        ? withoutMap(linkerScript, written)
        : { file: linkerScript, value: chosen.script };
  }
  const layout = chosen && layoutOf(chosen.map, chosen.script);
  const notes =
    written !== undefined && script !== undefined && 'value' in script
      ? notesOn(script.file, written, script.value, chosen?.file)
      : [];
  return {
    ...defined({ linkerScript, mapFile, script }),
    ...(problem !== undefined && mapFile !== undefined
      ? { map: { file: problem.file, problem: problem.why } }
      : {}),
    ...(layout === undefined || chosen === undefined
      ? {}
      : { map: { file: chosen.file, value: layout }, share: ownShare(layout.map, own) }),
    own,
    passedOver: found.passedOver,
    notes,
  };
}

/** What a script says by itself: for those who have nothing but scripts. */
export async function readLinkerScript(
  file: string,
  workspace: string,
  options: LinkerOptions,
): Promise<Read<LinkerScript>> {
  const read = await readScript(file, workspace, options);
  return 'problem' in read ? read : withoutMap(file, read.value);
}

function withoutMap(file: string, { syntax }: WrittenScript): Read<LinkerScript> {
  const value = evaluateScript(syntax, new Map());
  const problem = lackingRegion(value);
  return problem === undefined ? { file, value } : { file, problem };
}

/** Why a script alone says nothing of a region; with a map of its build that says it, it need not. */
function lackingRegion({
  unknown: [first],
  notFollowed,
  regions,
}: LinkerScript): string | undefined {
  if (first !== undefined) {
    return `line ${first.line}: ${first.why}; if it comes from the linker's command line (--defsym) or from another script, build the firmware once with -Wl,-Map= and name the map as firmware.mapFile`;
  }
  if (regions.length > 0) return undefined;
  const included =
    notFollowed.length === 0
      ? ''
      : `; it includes ${notFollowed.join(', ')}, not found beside it or in the folders around it (the linker looks in -L folders, too): name the map of a build as firmware.mapFile, which lists the regions`;
  return `it has no MEMORY command${included}`;
}

/** What the verdicts rest on where a script was not read as the linker reads it. */
function notesOn(
  file: string,
  { preprocessed }: WrittenScript,
  { notFollowed, sectionsProblem }: LinkerScript,
  map: string | undefined,
): string[] {
  const name = basename(file);
  const notes: string[] = [];
  if (preprocessed) {
    notes.push(
      map === undefined
        ? `${name} goes through the preprocessor, and is read as it leaves it without any -D`
        : `${name} goes through the preprocessor; the sizes of regions are those of ${basename(map)}`,
    );
  }
  if (notFollowed.length > 0) {
    notes.push(`${name} includes ${notFollowed.join(', ')}, which was not found`);
  }
  if (sectionsProblem !== undefined) {
    notes.push(`SECTIONS of ${name} cannot be read (${sectionsProblem})`);
  }
  return notes;
}

interface WrittenScript {
  readonly syntax: ScriptSyntax;
  readonly preprocessed: boolean;
}

async function readScript(
  file: string,
  workspace: string,
  { trusted }: LinkerOptions,
): Promise<Read<WrittenScript>> {
  try {
    const text = readInside(file, workspace, 'linkerScript');
    const other = otherLinkerFile(file, text);
    if (other !== undefined) return { file, problem: other };
    const preprocessed = preprocessorLine(text) !== undefined;
    if (preprocessed && !trusted) {
      const problem = `it goes through the C preprocessor, which is not run in a workspace that is not trusted; ${INSTEAD_OF_PREPROCESSING}`;
      return { file, problem };
    }
    const whole = preprocessed ? await preprocessedText(file, text, workspace) : text;
    const syntax = parseScript(whole, includeFrom(file, whole, workspace));
    return { file, value: { syntax, preprocessed } };
  } catch (error) {
    return { file, problem: sentence(error) };
  }
}

async function preprocessedText(file: string, text: string, workspace: string): Promise<string> {
  requirePlainIncludes(file, text, workspace);
  const result = await preprocess(file, text);
  for (const name of result.files) {
    const path = isAbsolute(name) ? name : resolve(dirname(file), name);
    requireInside(name, path, workspace);
  }
  return result.text;
}

function requireInside(name: string, path: string, workspace: string): void {
  if (isInside(path, workspace)) return;
  throw new UserError(
    `it goes through the C preprocessor and includes ${name}, which lies outside the workspace folder; ${INSTEAD_OF_PREPROCESSING}`,
  );
}

/**
 * The preprocessor opens what is included, and reads a device without end. Throws UserError for anything but a plain file
 * of bounded size inside the workspace folder, as far as includes name files; what is not there is its to tell.
 */
function requirePlainIncludes(file: string, text: string, workspace: string): void {
  const seen = new Set<string>();
  const waiting = [{ folder: dirname(file), text }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    // Lines may be continued, and comments may stand between any two words.
    const code = next.text.replace(/\\\r?\n/g, '').replace(/\/\*[^]*?\*\//g, ' ');
    for (const [, name] of code.matchAll(INCLUDE)) {
      for (const folder of new Set([next.folder, dirname(file)])) {
        const path = resolve(folder, name!);
        if (seen.has(path) || !isThere(path)) continue;
        seen.add(path);
        requireInside(name!, path, workspace);
        if (seen.size > MAX_INCLUDES) throw new UserError('it includes too many files');
        waiting.push({ folder: dirname(path), text: readInside(path, workspace, 'linkerScript') });
      }
    }
  }
}

const MAX_INCLUDES = 100;
const INCLUDE =
  /^[ \t]*(?:#|%:|\?\?=)[ \t]*(?:include|include_next|import|embed)[ \t]*["<]([^">\n]+)[">]/gm;

/**
 * INCLUDE looks beside the script, in the folders around it, from which builds are run or which they name with -L, and
 * where SEARCH_DIR says.
 */
function includeFrom(
  script: string,
  text: string,
  workspace: string,
): (name: string) => string | undefined {
  const folder = dirname(script);
  const around = [folder];
  for (let next = folder; next !== workspace && isInside(dirname(next), workspace);) {
    next = dirname(next);
    around.push(next);
  }
  const named = [...text.matchAll(/\bSEARCH_DIR\s*\(\s*"?([^\s")]+)/g)].map(([, path]) => path!);
  const folders = [...around, ...named.map((path) => resolve(folder, path))];
  let left = FILE_KINDS.linkerScript.mostBytes;
  return (name) => {
    for (const path of folders.map((where) => resolve(where, name))) {
      try {
        const found = readInside(path, workspace, 'linkerScript');
        left -= found.length;
        return left < 0 ? undefined : found;
      } catch {
        // Not there; perhaps in the next folder.
      }
    }
    return undefined;
  };
}

/** Text of a file that the config may have read. */
function readInside(file: string, workspace: string, kind: 'linkerScript' | 'map'): string {
  const link = isInside(file, workspace)
    ? linkProblem(file, workspace)
    : `${file} lies outside the workspace folder`;
  if (link !== undefined) throw new UserError(link);
  const text = textIfThere(file, kind, 'latin1');
  if (text === undefined) throw new UserError('no such file');
  return text;
}

interface FoundMap {
  readonly chosen: MapCandidate | undefined;
  readonly passedOver: readonly { readonly file: string; readonly why: string }[];
  /** Why the map that the config names is none. */
  readonly problem: { readonly file: string; readonly why: string } | undefined;
}

/** Newest maps that are looked into; folders of builds hold some others. */
const MAX_CANDIDATES = 20;

async function findMap(
  config: Config,
  own: OwnFiles,
  written: WrittenScript | undefined,
): Promise<FoundMap> {
  const { linkerScript, mapFile } = config.firmware;
  let files: Dated[];
  try {
    files = await newestFirst(await mapFiles(config));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const file = error.file ?? mapFile ?? linkerScript ?? '';
    return { chosen: undefined, passedOver: [], problem: { file, why: error.message } };
  }
  if (files.length === 0) {
    const lacking = mapFile !== undefined && !isPattern(mapFile);
    const problem = lacking ? { file: mapFile, why: 'no such file' } : undefined;
    return { chosen: undefined, passedOver: [], problem };
  }
  const unreadable: { file: string; why: string }[] = [];
  const candidates: MapCandidate[] = [];
  for (const { file, stamp } of files.slice(0, MAX_CANDIDATES)) {
    try {
      const map = readMap(file, stamp, config.workspace);
      const script = written && evaluateScript(written.syntax, symbolsOf(map, written.syntax));
      const share = ownShare(map, own);
      candidates.push({ file, map, script, own: share.inputs.size > 0 });
    } catch (error) {
      unreadable.push({ file, why: sentence(error) });
    }
  }
  // Against a script that is none of GNU ld, or is not there, no map can be held.
  const { chosen, passedOver } = chooseMap(
    candidates,
    written && linkerScript,
    written?.preprocessed === true,
  );
  const all = [...unreadable, ...passedOver];
  if (chosen !== undefined || mapFile === undefined) {
    return { chosen, passedOver: all, problem: undefined };
  }
  // The newest is what the pattern was written for.
  const first = all.find(({ file }) => file === files[0]!.file) ?? all[0];
  const more =
    all.length > 1 ? `; nor is any other of the ${all.length} files of firmware.mapFile` : '';
  const problem = first && { file: first.file, why: `${first.why}${more}` };
  return { chosen, passedOver: [], problem };
}

/** The values that a map tells of symbols the script does not set itself: `--defsym` and what objects define. */
function symbolsOf(map: LinkerMap, syntax: ScriptSyntax): KnownSymbols {
  const known = new Map<string, bigint>();
  const set = scriptConstants(syntax);
  for (const [name, value] of map.symbols) if (!set.has(name)) known.set(name, value);
  for (const { kind, name, expression, value } of map.statements) {
    if (kind !== 'assignment' || !/^0x[0-9a-f]+$/.test(expression)) continue;
    const written = BigInt(expression);
    if (set.get(name)?.includes(written) !== true) known.set(name, BigInt(value));
  }
  known.delete('.');
  return known;
}

/** Maps are large and are asked for again and again. */
const knownMaps = new Map<string, { readonly stamp: string; readonly map: LinkerMap }>();
const MAX_KNOWN_MAPS = 8;

function readMap(file: string, stamp: string, workspace: string): LinkerMap {
  const known = knownMaps.get(file);
  if (known?.stamp === stamp) return known.map;
  const map = parseMap(readInside(file, workspace, 'map'));
  if (knownMaps.size >= MAX_KNOWN_MAPS) knownMaps.clear();
  knownMaps.set(file, { stamp, map });
  return map;
}

async function mapFiles({
  firmware: { linkerScript, mapFile },
  workspace,
}: Config): Promise<string[]> {
  const options = { workspace, links: false };
  if (mapFile !== undefined) {
    const { folder, rest } = await literalFirst(splitPattern(mapFile, workspace));
    if (rest !== '') return globFiles({ folder, rest }, options);
    return (await isFile(folder)) ? [folder] : [];
  }
  if (linkerScript === undefined) return [];
  const below = { folder: dirname(linkerScript), rest: '**/*.map' };
  return globFiles(below, { ...options, dot: true, depth: 4, skip: SKIPPED });
}

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.east']);

interface Dated {
  readonly file: string;
  /** Changes when the file does. */
  readonly stamp: string;
}

async function newestFirst(files: readonly string[]): Promise<Dated[]> {
  const dated = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      return found && { file, time: found.mtimeMs, stamp: `${found.mtimeMs} ${found.size}` };
    }),
  );
  return dated
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.time - a.time || (a.file < b.file ? -1 : 1));
}

/** What the generated sources call their files and symbols; the self-test aside, which no budget counts. */
function ownFiles({ name, firmware: { directory } }: Config): OwnFiles {
  try {
    const files = Object.keys(readManifest(directory)?.files ?? {}).filter((file) =>
      file.endsWith('.c'),
    );
    if (files.length === 0) return { name };
    const counted = files.filter((file) => !file.endsWith('_selftest.c'));
    const words = new Set<string>();
    for (const file of counted) {
      const text = generatedText(join(directory, file)) ?? '';
      const code = text.replace(/\/\*[^]*?\*\/|\/\/.*/g, ' ');
      for (const [word] of code.matchAll(/\b[A-Za-z_]\w*/g)) words.add(word);
    }
    return { name, files: new Set(counted.map((file) => basename(file, '.c'))), words };
  } catch {
    return { name };
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** Why a file could not be read, for people. */
function sentence(error: unknown): string {
  if (error instanceof UserError) {
    return error.line === undefined ? error.message : `line ${error.line}: ${error.message}`;
  }
  const code = errorCode(error);
  return code === 'ENOENT' ? 'no such file' : `it cannot be read (${code ?? String(error)})`;
}
