/**
 * For maintainers who have a folder of real projects: reads every linker script and map below it, and says what cannot
 * be read. `npm run test:scripts DIR`; ends with 1 where there is anything.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { argv, stdout } from 'node:process';
import { candidateRegions } from '../src/core/firmware/linker/memory-regions';
import { readLinkerScript } from '../src/core/firmware/linker/read-linker';
import { parseMap } from '../src/core/firmware/linker/read-map';
import { UserError } from '../src/core/util/errors';
import { textIfThere } from '../src/core/util/read-file';

const SCRIPT = /\.(?:ld|lds|ldscript|ld\.(?:S|h)|ldS|lds\.S|x|icf|sct|scat)$/i;
/** JavaScript's and style sheets' maps have the same ending. */
const MAP = /(?<!\.(?:[cm]?js|css|ts))\.map$/i;
const SKIPPED = new Set(['node_modules', '.git', '.east']);

interface Result {
  readonly file: string;
  /** What cannot be read; empty where all can. */
  readonly problems: readonly string[];
  /** A part of a script, or one for hosted programs: nothing in it says what memories there are. */
  readonly without?: boolean;
  readonly told: string;
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* filesIn(path);
    else if (entry.isFile() && (SCRIPT.test(entry.name) || MAP.test(entry.name))) yield path;
  }
}

async function readScript(file: string, folder: string): Promise<Result> {
  const read = await readLinkerScript(file, folder, { trusted: true });
  if ('problem' in read) {
    const without = read.problem === 'it has no MEMORY command';
    return { file, problems: [read.problem], without, told: '' };
  }
  const { regions, sections, sectionsProblem, notFollowed } = read.value;
  const problems = [
    ...(sectionsProblem === undefined ? [] : [`SECTIONS: ${sectionsProblem}`]),
    ...(notFollowed.length === 0 ? [] : [`not followed: ${notFollowed.join(', ')}`]),
  ];
  const [flash, ram] = (['flash', 'ram'] as const).map((kind) =>
    candidateRegions(regions, kind).map(({ name }) => name),
  );
  const told = `${regions.length} regions (flash by name: ${list(flash)}; RAM: ${list(ram)}), ${sections.length} sections`;
  return { file, problems, told };
}

function readMap(file: string): Result {
  try {
    const { linker, regions, sections } = parseMap(textIfThere(file, 'map', 'latin1') ?? '');
    const told = `map of ${linker}: ${regions.length} regions, ${sections.length} sections`;
    return { file, problems: [], told };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { file, problems: [error.message], told: '' };
  }
}

function list(names: readonly string[] = []): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

const [, , named] = argv;
if (named === undefined || !statSync(named).isDirectory()) {
  throw new Error('Name a folder: npm run test:scripts DIR');
}
const folder = resolve(named);
const counts = { '✓': 0, '·': 0, '✗': 0 };
for (const file of filesIn(folder)) {
  const result = MAP.test(file) ? readMap(file) : await readScript(file, folder);
  const { problems, without = false, told } = result;
  const mark = problems.length === 0 ? '✓' : without ? '·' : '✗';
  counts[mark]++;
  const words = [...problems, told].filter((text) => text !== '').join('; ');
  stdout.write(`${mark} ${relative(folder, file)}: ${words}\n`);
}
stdout.write(
  `${counts['✓']} files are read, ${counts['·']} have no MEMORY command, ${counts['✗']} are not read or only in part\n`,
);
if (counts['✗'] > 0) process.exitCode = 1;
