import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  escapePattern,
  globFiles,
  isPattern,
  literalFirst,
  splitPattern,
} from '../../../src/core/config/glob';
import { linkProblem, resolvePath } from '../../../src/core/config/paths';
import { findFiles } from '../../../src/core/dataset/files';
import { unprivileged } from '../unprivileged';
import { formatUserError, UserError } from '../../../src/core/util/errors';

let root = '';
const before = process.cwd();
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'east-glob-')));
});
afterEach(() => {
  process.chdir(before);
  rmSync(root, { recursive: true, force: true });
});

function write(path: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'x');
  return file;
}

/** What a config in `folder` finds under a path as written there; paths relative to that folder. */
async function find(written: string, folder = root, workspace = root): Promise<string[]> {
  const resolved = resolvePath(written, folder, workspace, 'pattern');
  if (typeof resolved === 'string') throw new UserError(resolved);
  const found = await findFiles(resolved.path, 'dataset.train', workspace);
  return found.map((file) => relative(folder, file));
}

async function messageOf(written: string, folder = root, workspace = root): Promise<string> {
  try {
    await find(written, folder, workspace);
  } catch (error) {
    if (error instanceof UserError) return formatUserError(error).replaceAll(root, '$');
    throw error;
  }
  throw new Error('expected a UserError');
}

const ODD = [
  'meter (copy)',
  'a[1]',
  '{x}',
  '{a,b}',
  '(a|b)',
  'ü ß',
  'two  spaces',
  '-dash',
  '!not',
  '+(plus)',
  '@(at)',
  'star * and ?',
  'quote \' and "',
  'hash # dollar $ percent %',
  'back\\slash',
  'n'.repeat(200),
];

describe('a pattern in a folder of any name', () => {
  it.each(ODD)('%s', async (name) => {
    write(`${name}/data/part0.csv`);
    write(`${name}/data/part1.csv`);
    write(`${name}/data/other.txt`);
    const folder = join(root, name);
    const expected = ['data/part0.csv', 'data/part1.csv'];
    for (const cwd of [root, folder, join(folder, 'data')]) {
      process.chdir(cwd);
      // The folder as workspace, the one above, and one above as home of the config.
      expect(await find('data/part*.csv', folder, folder), cwd).toEqual(expected);
      expect(await find('data/part*.csv', folder), cwd).toEqual(expected);
      expect(await find(`${name}/data/part*.csv`), cwd).toEqual(
        expected.map((file) => join(name, file)),
      );
      expect(await find('data/part0.csv', folder, folder), cwd).toEqual(expected.slice(0, 1));
      expect(await find(`${name}/data/part1.csv`), cwd).toEqual([join(name, 'data/part1.csv')]);
      expect(await find(`${escapePattern(name)}/data/*0.csv`), cwd).toEqual([
        join(name, 'data/part0.csv'),
      ]);
    }
    expect(await messageOf('data/none*.csv', folder, folder)).toBe(
      `${join('$', name, 'data/none*.csv')}: dataset.train: no file matches this pattern`,
    );
    expect(await messageOf('data/none.csv', folder, folder)).toBe(
      `${join('$', name, 'data/none.csv')}: dataset.train: no such file`,
    );
  });

  it('finds files of such names by their escaped pattern', async () => {
    for (const n of [1, 2, 10]) write(`data/run (${n}).csv`);
    write('data/run 3.csv');
    expect(await find('data/run [(]*[)].csv')).toEqual([
      'data/run (1).csv',
      'data/run (10).csv',
      'data/run (2).csv',
    ]);
    expect(await find('data/run (2).csv')).toEqual(['data/run (2).csv']);
  });
});

describe('globFiles', () => {
  it('knows stars, classes, alternatives, also across folders, and skips hidden files', async () => {
    for (const path of ['a/1.csv', 'a/2.csv', 'a/x/3.csv', 'b/1.csv', 'b/.4.csv', '.c/5.csv']) {
      write(path);
    }
    expect(await find('*/1.csv')).toEqual(['a/1.csv', 'b/1.csv']);
    expect(await find('**/*.csv')).toEqual(['a/1.csv', 'a/2.csv', 'a/x/3.csv', 'b/1.csv']);
    expect(await find('a/[12].csv')).toEqual(['a/1.csv', 'a/2.csv']);
    expect(await find('{a/x/3,b/1}.csv')).toEqual(['a/x/3.csv', 'b/1.csv']);
    expect(await find('{a,b}/1.csv')).toEqual(['a/1.csv', 'b/1.csv']);
    expect(await find('a/**')).toEqual(['a/1.csv', 'a/2.csv', 'a/x/3.csv']);
    expect(await find('b/.*.csv')).toEqual(['b/.4.csv']);
    expect(await find('.c/*')).toEqual(['.c/5.csv']);
  });

  it('keeps to a depth, passes folders over, and is bounded', async () => {
    for (const path of ['1.map', 'a/2.map', 'a/b/3.map', 'skip/4.map']) write(path);
    const all = { folder: root, rest: '**/*.map' };
    const names = async (options: object) =>
      (await globFiles(all, { workspace: root, ...options })).map((file) => relative(root, file));
    expect(await names({ depth: 1, skip: new Set(['skip']) })).toEqual(['1.map', 'a/2.map']);
    await expect(names({ maxEntries: 3 })).rejects.toThrow(/make it narrower$/);
  });

  it('follows links inside the workspace and refuses those that leave it', async () => {
    write('outside/t1.csv');
    write('ws/all/t2.csv');
    mkdirSync(join(root, 'ws/data'));
    const ws = join(root, 'ws');
    symlinkSync('../all/t2.csv', join(ws, 'data/t2.csv'));
    symlinkSync('../all', join(ws, 'data/more'));
    expect(await find('data/t*.csv', ws, ws)).toEqual(['data/t2.csv']);
    expect(await find('data/**/t*.csv', ws, ws)).toEqual(['data/more/t2.csv', 'data/t2.csv']);
    symlinkSync('..', join(ws, 'data/loop'));
    expect(await find('data/**/t*.csv', ws, ws)).toEqual(['data/more/t2.csv', 'data/t2.csv']);

    const outside = 'is a symbolic link to $/outside/t1.csv, outside the workspace folder $/ws';
    symlinkSync('../../outside/t1.csv', join(ws, 'data/t1.csv'));
    expect(await messageOf('data/t*.csv', ws, ws)).toBe(`$/ws/data/t1.csv: ${outside}`);
    expect(await messageOf('data/t1.csv', ws, ws)).toBe(
      `dataset.train: $/ws/data/t1.csv ${outside}`,
    );
    // Links that the pattern does not ask for are nobody's business.
    expect(await find('data/t2*.csv', ws, ws)).toEqual(['data/t2.csv']);
    symlinkSync('/', join(ws, 'data/root'));
    expect(await messageOf('data/r*/t*.csv', ws, ws)).toBe(
      '$/ws/data/root: is a symbolic link to /, outside the workspace folder $/ws',
    );
    symlinkSync('nowhere.csv', join(ws, 'data/u.csv'));
    expect(await messageOf('data/u*.csv', ws, ws)).toBe(
      '$/ws/data/u.csv: is a broken symbolic link',
    );
    symlinkSync('/dev/zero', join(ws, 'data/zero.csv'));
    expect(await messageOf('data/zero.csv', ws, ws)).toContain('/dev/zero, outside the workspace');
  });

  it('says which folder on the way is none, or cannot be', async () => {
    write('file.csv');
    expect(await messageOf('file.csv/x.csv')).toBe('$/file.csv/x.csv: dataset.train: no such file');
    expect(await messageOf('file.csv/*.csv')).toBe(
      '$/file.csv/*.csv: dataset.train: no file matches this pattern',
    );
    const long = 'x'.repeat(300);
    expect(await messageOf(`${long}/x.csv`)).toBe(`$/${long}/x.csv: dataset.train: no such file`);
    symlinkSync('loop', join(root, 'loop'));
    expect(await messageOf('loop/x.csv')).toBe('dataset.train: $/loop is a broken symbolic link');
    mkdirSync(join(root, 'folder'));
    expect(await messageOf('folder')).toBe(
      '$/folder: dataset.train must name files, but this is a folder',
    );
  });

  it('says what cannot be read', async () => {
    write('closed/x.csv');
    chmodSync(root, 0o755);
    chmodSync(join(root, 'closed'), 0);
    await unprivileged(async () => {
      expect(await messageOf('closed/*')).toBe('$/closed: this folder cannot be read (EACCES)');
      expect(await messageOf('*/*')).toBe('$/closed: this folder cannot be read (EACCES)');
      expect(await messageOf('closed/x.csv')).toBe(
        'dataset.train: $/closed/x.csv cannot be read (EACCES)',
      );
    });
    chmodSync(join(root, 'closed'), 0o700);
  });
});

describe('splitPattern', () => {
  it('takes what looks like wildcards in the workspace as it is', () => {
    const workspace = '/home/a (b)/[c]';
    expect(splitPattern(`${escapePattern(workspace)}/data/x*.csv`, workspace)).toEqual({
      folder: `${workspace}/data`,
      rest: 'x*.csv',
    });
    expect(splitPattern(`${workspace}/data/x.csv`, workspace)).toEqual({
      folder: `${workspace}/data/x.csv`,
      rest: '',
    });
    expect(splitPattern('/elsewhere/*', workspace)).toEqual({ folder: '/elsewhere', rest: '*' });
  });

  it('finds folders that are called like wildcards', async () => {
    write('{a}/(b)/c.csv');
    const split = { folder: root, rest: '{a}/(b)/*.csv' };
    expect(await literalFirst(split)).toEqual({ folder: join(root, '{a}/(b)'), rest: '*.csv' });
    expect(isPattern('a/(b)')).toBe(true);
  });
});

it('a path that cannot be followed is a problem, not an exception', () => {
  write('file');
  expect(linkProblem(join(root, 'file/below'), root)).toBeUndefined();
  expect(linkProblem(join(root, 'x'.repeat(300)), root)).toBeUndefined();
  expect(linkProblem(join(root, 'file'), join(root, 'nowhere'))).toMatch(
    /cannot be read \(ENOENT\)$/,
  );
});
