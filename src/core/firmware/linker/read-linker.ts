/** Reads the firmware's linker script and the map of its last build from the disk. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { ResolvedConfig } from '../../config/config';
import { globFiles, isPattern, literalFirst, splitPattern } from '../../config/glob';
import { linkProblem } from '../../config/paths';
import { isInside } from '../../config/workspace';
import { UserError } from '../../util/errors';
import { readManifest } from '../manifest';
import type { LinkerFacts, Read } from './linker-facts';
import { parseLinkerScript, type LinkerScript } from './linker-script';
import { MAX_MAP_TEXT, parseMapFile, type OwnFiles, type RegionUsage } from './map-file';

/** The linker script and the newest map, where the config or the default names them. */
export async function readLinker(
  config: Pick<ResolvedConfig, 'name' | 'firmware' | 'workspace'>,
): Promise<LinkerFacts> {
  const { linkerScript, mapFile } = config.firmware;
  const asked = {
    ...(linkerScript === undefined ? {} : { linkerScript }),
    ...(mapFile === undefined ? {} : { mapFile }),
  };
  const script =
    linkerScript === undefined ? undefined : await readScript(linkerScript, config.workspace);
  const map = await readMap(config);
  return { ...asked, ...(script ? { script } : {}), ...(map ? { map } : {}) };
}

async function readScript(file: string, workspace: string): Promise<Read<LinkerScript>> {
  const read = (path: string): Promise<string> => readInside(path, workspace, MAX_SCRIPT_BYTES);
  try {
    const text = await read(file);
    // Included files are found first, so that reading them need not interrupt the parser.
    const included = new Map<string, string>();
    const wanted = [...parseIncludes(text)];
    for (let n = 0; n < wanted.length && n < 20; n++) {
      const name = wanted[n]!;
      if (included.has(name)) continue;
      const found = await read(resolve(dirname(file), name)).catch(() => undefined);
      if (found === undefined) continue;
      included.set(name, found);
      wanted.push(...parseIncludes(found));
    }
    return { file, value: parseLinkerScript(text, (name) => included.get(name)) };
  } catch (error) {
    return { file, problem: sentence(error) };
  }
}

const MAX_SCRIPT_BYTES = 4_000_000;

function parseIncludes(text: string): string[] {
  return [...text.matchAll(/\bINCLUDE\s+"?([^\s";{}]+)/g)].map(([, name]) => name!);
}

/** Text of a file that the config may have read. */
async function readInside(file: string, workspace: string, limit: number): Promise<string> {
  const link = isInside(file, workspace)
    ? linkProblem(file, workspace)
    : `${file} lies outside the workspace folder`;
  if (link !== undefined) throw new UserError(link);
  const { size } = await stat(file);
  if (size > limit) throw new UserError('this file is too large to be read');
  return readFile(file, 'latin1');
}

/** Maps are large and are asked for again and again. */
const knownMaps = new Map<
  string,
  { readonly stamp: string; readonly usage: readonly RegionUsage[] }
>();

async function readMap(
  config: Pick<ResolvedConfig, 'name' | 'firmware' | 'workspace'>,
): Promise<Read<readonly RegionUsage[]> | undefined> {
  const { mapFile } = config.firmware;
  const found = await newest(await findMaps(config));
  if (found === undefined) {
    return mapFile === undefined || isPattern(mapFile)
      ? undefined
      : { file: mapFile, problem: 'no such file' };
  }
  const { file, stamp } = found;
  const files = modelFiles(config.firmware.directory);
  const own: OwnFiles = { name: config.name, ...(files ? { files } : {}) };
  const key = `${stamp} ${config.name} ${[...(files ?? [])].join()}`;
  const known = knownMaps.get(file);
  if (known?.stamp === key) return { file, value: known.usage };
  try {
    const usage = parseMapFile(await readInside(file, config.workspace, MAX_MAP_TEXT), own);
    if (knownMaps.size > 20) knownMaps.clear();
    knownMaps.set(file, { stamp: key, usage });
    return { file, value: usage };
  } catch (error) {
    // One that nobody named may be some other tool's.
    return mapFile === undefined ? undefined : { file, problem: sentence(error) };
  }
}

async function findMaps({
  firmware: { linkerScript, mapFile },
  workspace,
}: Pick<ResolvedConfig, 'firmware' | 'workspace'>): Promise<string[]> {
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

async function newest(
  files: readonly string[],
): Promise<{ readonly file: string; readonly stamp: string } | undefined> {
  const dated = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      return found && { file, time: found.mtimeMs, stamp: `${found.mtimeMs} ${found.size}` };
    }),
  );
  return dated
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.time - a.time || (a.file < b.file ? -1 : 1))[0];
}

/** C files of the generated sources without ending, the self-test aside, which no budget counts. */
function modelFiles(directory: string): Set<string> | undefined {
  try {
    const names = Object.keys(readManifest(directory)?.files ?? {});
    const stems = names.filter((name) => name.endsWith('.c')).map((name) => basename(name, '.c'));
    return stems.length === 0
      ? undefined
      : new Set(stems.filter((stem) => !stem.endsWith('_selftest')));
  } catch {
    return undefined;
  }
}

/** Why a file could not be read, for people. */
function sentence(error: unknown): string {
  if (error instanceof UserError) {
    return error.line === undefined ? error.message : `line ${error.line}: ${error.message}`;
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? 'no such file' : `it cannot be read (${String(code ?? error)})`;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
