import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MANIFEST, manifestFile, readManifest } from '../../../src/core/firmware/manifest';
import type { FileOperations } from '../../../src/core/firmware/write-sources';
import { checkSources, writeSources } from '../../../src/core/firmware/write-sources';
import { UserError } from '../../../src/core/util/errors';

let folder: string;
let target: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'east-write-'));
  target = join(folder, 'firmware', 'east');
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function sources(
  texts: Record<string, string>,
  {
    name = 'meter',
    inputs = { config: 'c1' },
  }: { name?: string; inputs?: Record<string, string> } = {},
): Map<string, string> {
  const files = new Map(Object.entries(texts));
  const model = { name, inputBytes: 1, outputBytes: 1 };
  return new Map([...files, [MANIFEST, manifestFile(model, inputs, files)]]);
}

const OLD = sources({ 'meter_model.c': 'old model', 'meter_add.c': 'add', 'README.md': 'read' });
const NEW = sources(
  { 'meter_model.c': 'new model', 'meter_dense.c': 'dense', 'README.md': 'read' },
  { inputs: { config: 'c2' } },
);

/** Everything below the folder, name → text; folders end with a slash. */
function contents(root: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const entry of fs.readdirSync(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isDirectory()) all[`${name}/`] = '';
    else all[name] = fs.readFileSync(path, 'utf8');
  }
  return all;
}

function userError(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('no error');
}

/** Fails the nth call with ENOSPC; with `killed` every later call too, as if the process were gone. */
function failing(
  nth: number,
  killed: boolean,
  code = 'ENOSPC',
): { operations: FileOperations; reached: () => boolean } {
  let calls = 0;
  const fail = (): void => {
    calls++;
    if (calls === nth || (killed && calls > nth)) {
      throw Object.assign(new Error('injected'), { code });
    }
  };
  const operations: FileOperations = {
    mkdirSync: ((...args: Parameters<typeof fs.mkdirSync>) => {
      fail();
      return fs.mkdirSync(...args);
    }) as typeof fs.mkdirSync,
    openSync: (...args) => (fail(), fs.openSync(...args)),
    writeFileSync: (...args) => {
      fail();
      fs.writeFileSync(...args);
    },
    fsyncSync: (descriptor) => {
      fail();
      fs.fsyncSync(descriptor);
    },
    closeSync: (descriptor) => {
      fs.closeSync(descriptor);
      fail();
    },
    renameSync: (...args) => {
      fail();
      fs.renameSync(...args);
    },
    rmSync: (...args) => {
      fail();
      fs.rmSync(...args);
    },
    chmodSync: (...args) => {
      fail();
      fs.chmodSync(...args);
    },
    utimesSync: (...args) => {
      fail();
      fs.utimesSync(...args);
    },
  };
  return { operations, reached: () => calls >= nth };
}

describe.runIf(process.platform !== 'win32')('a hostile firmware folder', () => {
  it('has no link followed that looks like what a killed process left', () => {
    const elsewhere = join(folder, 'elsewhere');
    fs.mkdirSync(elsewhere);
    fs.writeFileSync(join(elsewhere, 'secret'), 'x');
    writeSources(target, OLD);
    fs.symlinkSync(elsewhere, join(folder, 'firmware', '.east.east-4194305-old'));
    writeSources(target, NEW);
    expect(contents(target)).toEqual(Object.fromEntries(NEW));
    expect(fs.readdirSync(elsewhere)).toEqual(['secret']);
  });

  it('is edited where a generated file is a link, a pipe or endless', () => {
    for (const put of [
      (file: string) => fs.symlinkSync('/dev/zero', file),
      (file: string) => execFileSync('mkfifo', [file]),
      (file: string) => fs.mkdirSync(file),
      (file: string) => {
        fs.writeFileSync(file, '');
        fs.truncateSync(file, 2 ** 40);
      },
    ]) {
      writeSources(target, OLD, { force: true });
      const file = join(target, 'meter_add.c');
      fs.rmSync(file);
      put(file);
      expect(checkSources(target, {})).toEqual({ state: 'edited', details: ['meter_add.c'] });
      expect(() => writeSources(target, NEW)).toThrow(UserError);
      fs.rmSync(file, { recursive: true });
    }
  });

  it.each([
    [
      'a name that is no identifier',
      { name: 'x\n#include "/etc/passwd"' },
      /name: Expected a name/,
    ],
    ['sizes that are none', { inputBytes: -1 }, /inputBytes: Expected/],
    ['sizes that are text', { outputBytes: '9' }, /outputBytes: Expected a whole number/],
    [
      'files outside',
      { files: { '../x.c': 'a'.repeat(64) } },
      /files.*Expected the name of a file/,
    ],
    ['hashes that are none', { files: { 'x.c': '' } }, /files\.x\.c: Expected a SHA-256/],
    [
      'a million files',
      { files: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, 'a'.repeat(64)])) },
      /files: Expected at most 1000/,
    ],
  ])('has a manifest with %s refused', (_, change, message) => {
    writeSources(target, OLD);
    const file = join(target, MANIFEST);
    const manifest: object = JSON.parse(fs.readFileSync(file, 'utf8'));
    fs.writeFileSync(file, JSON.stringify({ ...manifest, ...change }));
    expect(() => readManifest(target)).toThrow(UserError);
    expect(() => readManifest(target)).toThrow(message);
    expect(checkSources(target, {}).state).toBe('edited');
  });
});

describe('writeSources', () => {
  it('makes the folder, replaces older sources, and removes those no longer generated', () => {
    expect(writeSources(target, OLD)).toBe(true);
    expect(contents(target)).toEqual(Object.fromEntries(OLD));
    expect(writeSources(target, NEW)).toBe(true);
    expect(contents(target)).toEqual(Object.fromEntries(NEW));
    expect(fs.readdirSync(join(folder, 'firmware'))).toEqual(['east']);
  });

  it('touches nothing when all is there already, and keeps the times of unchanged files', () => {
    writeSources(target, OLD);
    const past = new Date(1e12);
    for (const name of OLD.keys()) fs.utimesSync(join(target, name), past, past);
    expect(writeSources(target, OLD)).toBe(false);
    writeSources(target, NEW);
    const time = (name: string): number => fs.statSync(join(target, name)).mtimeMs;
    expect(time('README.md')).toBe(1e12);
    expect(time('meter_model.c')).toBeGreaterThan(1e12);
  });

  it("takes files to which git gave Windows' line ends for what was generated", () => {
    const generated = sources({ 'meter_model.c': 'int a;\nint b;\n', 'README.md': 'read\n' });
    writeSources(target, generated);
    for (const name of fs.readdirSync(target)) {
      const file = join(target, name);
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
    }
    const converted = contents(target);
    expect(checkSources(target, { config: 'c1' }).state).toBe('current');
    expect(writeSources(target, generated)).toBe(false);
    expect(contents(target)).toEqual(converted);
    expect(writeSources(target, NEW)).toBe(true);
    expect(contents(target)).toEqual(Object.fromEntries(NEW));
  });

  it('still sees an edit in a file with such line ends', () => {
    writeSources(target, sources({ 'meter_model.c': 'int a;\nint b;\n' }));
    fs.writeFileSync(join(target, 'meter_model.c'), 'int a;\r\nint c;\r\n');
    expect(checkSources(target, {})).toEqual({ state: 'edited', details: ['meter_model.c'] });
    expect(userError(() => writeSources(target, NEW)).message).toMatch(/edited since.*meter_model/);
  });

  it('keeps files and folders that are not ours', () => {
    writeSources(target, OLD);
    fs.mkdirSync(join(target, 'build'));
    fs.writeFileSync(join(target, 'build', 'a.o'), 'object');
    fs.writeFileSync(join(target, 'notes.txt'), 'mine');
    writeSources(target, NEW);
    expect(contents(target)).toEqual({
      ...Object.fromEntries(NEW),
      'build/': '',
      'build/a.o': 'object',
      'notes.txt': 'mine',
    });
  });

  it('does not overwrite an edited file without force, and names it', () => {
    writeSources(target, OLD);
    fs.writeFileSync(join(target, 'meter_model.c'), 'patched');
    fs.writeFileSync(join(target, 'meter_add.c'), 'patched too'); // would be removed
    const error = userError(() => writeSources(target, NEW));
    expect(error.message).toMatch(/edited .*meter_add\.c, meter_model\.c.*--force/);
    expect(fs.readFileSync(join(target, 'meter_model.c'), 'utf8')).toBe('patched');
    writeSources(target, NEW, { force: true });
    expect(contents(target)).toEqual(Object.fromEntries(NEW));
  });

  it('does not overwrite a foreign file without force, and names it', () => {
    fs.mkdirSync(target, { recursive: true });
    fs.writeFileSync(join(target, 'README.md'), 'my project');
    expect(userError(() => writeSources(target, OLD)).message).toMatch(/not generated.*README\.md/);
    expect(contents(target)).toEqual({ 'README.md': 'my project' });
    writeSources(target, OLD, { force: true });
    expect(contents(target)).toEqual(Object.fromEntries(OLD));
  });

  it('does not replace another model, or a manifest that is not ours, without force', () => {
    writeSources(target, sources({ 'door_model.c': 'x' }, { name: 'door' }));
    expect(userError(() => writeSources(target, OLD)).message).toMatch(/model 'door'/);
    fs.writeFileSync(join(target, MANIFEST), '{"files": 1}');
    expect(userError(() => writeSources(target, OLD)).message).toMatch(/not a manifest/);
    fs.writeFileSync(join(target, MANIFEST), '{"files": 1');
    const { message } = userError(() => writeSources(target, OLD));
    expect(message).toMatch(
      /damaged: it is not JSON.*--force, which replaces all .* edited by hand/,
    );
    expect(message).not.toMatch(/SyntaxError|position/);
    fs.rmSync(join(target, MANIFEST));
    fs.mkdirSync(join(target, MANIFEST));
    expect(userError(() => readManifest(target)).message).toBe(
      'this is a folder, where a manifest is expected; move it away',
    );
    fs.rmdirSync(join(target, MANIFEST));
    fs.writeFileSync(join(target, MANIFEST), '{"files": 1}');
    writeSources(target, OLD, { force: true });
    expect(contents(target)).toMatchObject(Object.fromEntries(OLD));
  });

  it('refuses links and files in the way, even with force', () => {
    const elsewhere = join(folder, 'elsewhere');
    fs.mkdirSync(elsewhere);
    fs.mkdirSync(join(folder, 'firmware'));
    fs.symlinkSync(elsewhere, target);
    expect(userError(() => writeSources(target, OLD, { force: true })).message).toMatch(/link/);
    fs.unlinkSync(target);
    fs.writeFileSync(target, '');
    expect(userError(() => writeSources(target, OLD)).message).toMatch(/is a file/);
    fs.unlinkSync(target);
    writeSources(target, OLD);
    fs.rmSync(join(target, 'README.md'));
    fs.symlinkSync(join(elsewhere, 'x'), join(target, 'README.md'));
    expect(userError(() => writeSources(target, NEW, { force: true })).message).toMatch(/link/);
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });

  it('says why it cannot write', () => {
    fs.writeFileSync(join(folder, 'firmware'), '');
    const error = userError(() => writeSources(target, OLD));
    expect(error.message).toMatch(/cannot be written: part of the path is a file/);
    expect(error.file).toBe(target);
  });

  it.each([false, true])(
    'leaves the old or the new sources whatever call fails (killed: %s)',
    (killed) => {
      let failures = 0;
      for (let nth = 1; ; nth++) {
        fs.rmSync(folder, { recursive: true, force: true });
        writeSources(target, OLD);
        fs.writeFileSync(join(target, 'notes.txt'), 'mine');
        const { operations, reached } = failing(nth, killed);
        let error: unknown;
        try {
          writeSources(target, NEW, { operations });
        } catch (thrown) {
          error = thrown;
          expect(error).toBeInstanceOf(UserError);
        }
        if (!reached()) break;
        failures++;
        if (!killed && error instanceof UserError) {
          const after = /^The sources are written/.test(error.message) ? NEW : OLD;
          const notes = after === OLD || !/notes\.txt/.test(error.message) ? target : error.file!;
          expect(contents(target)).toMatchObject(Object.fromEntries(after));
          expect(fs.readFileSync(join(notes, 'notes.txt'), 'utf8')).toBe('mine');
        }
        // The next call repairs what is left and succeeds.
        writeSources(target, NEW);
        expect(contents(target)).toEqual({ ...Object.fromEntries(NEW), 'notes.txt': 'mine' });
        expect(fs.readdirSync(join(folder, 'firmware'))).toEqual(['east']);
      }
      expect(failures).toBeGreaterThan(15);
    },
  );

  describe('says where files of the user are that cannot be moved along', () => {
    const old = (): string =>
      join(
        folder,
        'firmware',
        fs.readdirSync(join(folder, 'firmware')).find((name) => name.endsWith('-old')) ?? '',
      );
    const notMoved = (code: string): FileOperations => ({
      ...failing(Infinity, false).operations,
      renameSync: (from, to) => {
        if (String(to).endsWith('.txt')) throw Object.assign(new Error('injected'), { code });
        fs.renameSync(from, to);
      },
    });
    beforeEach(() => {
      writeSources(target, OLD);
      fs.writeFileSync(join(target, 'notes.txt'), 'mine');
      fs.writeFileSync(join(target, 'more.txt'), 'mine, too');
    });

    it.each([
      ['EACCES', /permission denied/],
      ['ENOTEMPTY', /the folder is not empty, as another program writes into it/],
      ['EWHATEVER', /the system reports error EWHATEVER/],
    ])('%s', (code, reason) => {
      const error = userError(() => writeSources(target, NEW, { operations: notMoved(code) }));
      expect(error.message).toMatch(/^The sources are written\. .*: more\.txt, notes\.txt: /);
      expect(error.message).toMatch(reason);
      expect(error.file).toBe(old());
      expect(contents(target)).toEqual(Object.fromEntries(NEW));
      expect(fs.readFileSync(join(old(), 'notes.txt'), 'utf8')).toBe('mine');
      // As long as they cannot be moved, nothing else is done.
      const again = userError(() => writeSources(target, OLD, { operations: notMoved(code) }));
      expect(again.message).toMatch(/^The sources are not written\. .*: more\.txt, notes\.txt: /);
      expect(writeSources(target, NEW)).toBe(false);
      expect(contents(target)).toEqual({
        ...Object.fromEntries(NEW),
        'notes.txt': 'mine',
        'more.txt': 'mine, too',
      });
      expect(fs.readdirSync(join(folder, 'firmware'))).toEqual(['east']);
    });

    it('also where one of that name has been made since', () => {
      userError(() => writeSources(target, NEW, { operations: notMoved('EIO') }));
      fs.writeFileSync(join(target, 'notes.txt'), 'made anew');
      expect(userError(() => writeSources(target, NEW)).message).toMatch(
        /: notes\.txt: there is something else of that name by now/,
      );
      expect(fs.readFileSync(join(old(), 'notes.txt'), 'utf8')).toBe('mine');
      expect(fs.readFileSync(join(target, 'notes.txt'), 'utf8')).toBe('made anew');
      expect(fs.readFileSync(join(target, 'more.txt'), 'utf8')).toBe('mine, too');
    });
  });

  it('says where the previous sources are that could not be moved back', () => {
    writeSources(target, OLD);
    const operations: FileOperations = {
      ...failing(Infinity, false).operations,
      renameSync: (from, to) => {
        if (to === target) throw Object.assign(new Error('injected'), { code: 'EIO' });
        fs.renameSync(from, to);
      },
    };
    const error = userError(() => writeSources(target, NEW, { operations }));
    expect(error.message).toMatch(/could not be moved back and are in this folder/);
    expect(contents(error.file!)).toEqual(Object.fromEntries(OLD));
    expect(fs.readdirSync(join(folder, 'firmware'))).toHaveLength(1);
    writeSources(target, OLD);
    expect(contents(join(folder, 'firmware/east'))).toEqual(Object.fromEntries(OLD));
  });

  it('restores the old sources when killed between the two renames', () => {
    writeSources(target, OLD);
    fs.renameSync(target, join(folder, 'firmware', '.east.east-999999999-old'));
    fs.mkdirSync(join(folder, 'firmware', '.east.east-999999999-new'));
    expect(userError(() => writeSources(target, sources({}, { name: 'door' }))).message).toMatch(
      /model 'meter'/,
    );
    expect(contents(join(folder, 'firmware'))).toEqual({
      'east/': '',
      ...Object.fromEntries([...OLD].map(([name, text]) => [`east/${name}`, text])),
    });
  });

  it('leaves the unfinished work of a living process alone', () => {
    const other = join(folder, 'firmware', `.east.east-${process.ppid}-new`);
    fs.mkdirSync(other, { recursive: true });
    writeSources(target, OLD);
    expect(fs.existsSync(other)).toBe(true);
  });
});

describe('checkSources', () => {
  it('tells current, stale, edited and missing apart', () => {
    expect(checkSources(target, { config: 'c1' })).toEqual({
      state: 'missing',
      details: [MANIFEST],
    });
    writeSources(target, OLD);
    expect(checkSources(target, { config: 'c1' })).toEqual({ state: 'current', details: [] });
    expect(checkSources(target, { config: 'c2' })).toEqual({ state: 'stale', details: ['config'] });
    expect(checkSources(target, { config: 'c1', model: 'm' })).toEqual({
      state: 'stale',
      details: ['model'],
    });
    fs.writeFileSync(join(target, 'meter_add.c'), 'patched');
    expect(checkSources(target, { config: 'c1' })).toEqual({
      state: 'edited',
      details: ['meter_add.c'],
    });
    fs.rmSync(join(target, 'meter_add.c'));
    expect(checkSources(target, { config: 'c1' })).toEqual({
      state: 'missing',
      details: ['meter_add.c'],
    });
    fs.writeFileSync(join(target, MANIFEST), 'not json');
    expect(checkSources(target, { config: 'c1' })).toEqual({
      state: 'edited',
      details: [MANIFEST],
    });
  });
});
