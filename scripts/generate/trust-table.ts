/** The table of docs/trust.md: what is read from a workspace, with the bounds that the code has. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import prettier from 'prettier';
import { FILE_KINDS } from '../../src/core/util/read-file';
import type { GeneratedFile } from './generated-file';

const path = 'docs/trust.md';
const file = join(resolve(import.meta.dirname, '../..'), path);
const START = '<!-- generated: kinds -->';
const END = '<!-- /generated -->';

export const trustTable: GeneratedFile = {
  path,
  async make() {
    const text = await readFile(file, 'utf8');
    const [from, to] = [text.indexOf(START), text.indexOf(END)];
    if (from < 0 || to < from) throw new Error(`${path} has no place for the table`);
    const filled = `${text.slice(0, from + START.length)}\n\n${table()}\n\n${text.slice(to)}`;
    const options = await prettier.resolveConfig(path);
    return prettier.format(filled, { ...options, filepath: path });
  },
};

function table(): string {
  const rows = Object.entries(FILE_KINDS)
    .filter(([kind]) => kind !== 'program')
    .map(([, { what, mostBytes, links }]) => {
      const name = what.replace(/^(an?|the) /, '');
      const follows = links === 'followed' ? 'followed inside the workspace' : 'refused';
      return `| ${name} | ${size(mostBytes)} | ${follows} |`;
    });
  return ['| kind | at most | symbolic links |', '| --- | --- | --- |', ...new Set(rows)].join(
    '\n',
  );
}

/** One byte less than so many is as good as so many. */
function size(bytes: number): string {
  const units = [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const;
  for (const [unit, of] of units) {
    if (bytes + 1 >= of) return `${Math.floor((bytes + 1) / of)} ${unit}`;
  }
  return `${bytes} bytes`;
}
