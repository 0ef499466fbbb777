/** Files of a workspace are looked at before they are opened: nothing but plain ones of bounded size is read. */
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { closeSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/core/util/errors';
import {
  bytesIfThere,
  FILE_KINDS,
  openForAppend,
  openHandle,
  readBytes,
  readText,
  requireRecordPath,
  withOpenFile,
  type FileKind,
} from '../../../src/core/util/read-file';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const onUnix = process.platform !== 'win32';
const kinds = Object.keys(FILE_KINDS).filter((name): name is FileKind =>
  Object.hasOwn(FILE_KINDS, name),
);

/** What may lie in a hostile workspace where a file is expected, each made by a call. */
const UNWANTED: Readonly<Record<string, (file: string) => Promise<void> | void>> = {
  'a folder': (file) => mkdirSync(file),
  'a named pipe': (file) => void execFileSync('mkfifo', [file]),
  'a socket': (file) =>
    new Promise((done) => {
      const server = createServer().listen(file, done);
      servers.push(server);
    }),
};

describe.runIf(onUnix)('files of every kind', () => {
  for (const [what, make] of Object.entries(UNWANTED)) {
    it(`are not read where there is ${what}`, async () => {
      const folder = scratch();
      const file = join(folder, 'x');
      await make(file);
      for (const kind of kinds) {
        expect(() => readBytes(file, kind), kind).toThrow(UserError);
        expect(() => readBytes(file, kind), kind).toThrow(what);
        await expect(openHandle(file, kind), kind).rejects.toThrow(what);
        expect(() => openForAppend(file, kind), kind).toThrow(what);
      }
    });
  }

  it('are not read from devices, whether they are links or what the user names', async () => {
    const file = join(scratch(), 'x');
    symlinkSync('/dev/zero', file);
    for (const kind of kinds) {
      const why = FILE_KINDS[kind].links === 'refused' ? 'a symbolic link' : 'a device';
      expect(() => readBytes(file, kind), kind).toThrow(why);
      await expect(openHandle(file, kind), kind).rejects.toThrow(why);
    }
  });

  it('are not read beyond their bounds, and nothing is allocated for them', () => {
    const file = join(scratch(), 'x');
    writeFileSync(file, '');
    for (const kind of kinds) {
      // Sparse: takes no room on the disk.
      truncateSync(file, FILE_KINDS[kind].mostBytes + 1);
      expect(() => readBytes(file, kind), kind).toThrow('so it is not read');
      expect(() => openForAppend(file, kind), kind).toThrow('so it is not read');
    }
  });

  it('are read through links only where the user names them', () => {
    const folder = scratch();
    writeFileSync(join(folder, 'there'), 'text');
    symlinkSync(join(folder, 'there'), join(folder, 'link'));
    for (const kind of kinds) {
      const read = (): string => readText(join(folder, 'link'), kind);
      if (FILE_KINDS[kind].links === 'followed') expect(read(), kind).toBe('text');
      else expect(read, kind).toThrow('a symbolic link');
    }
  });
});

it('reads what is there, and says where nothing is', async () => {
  const folder = scratch();
  const file = join(folder, 'x');
  expect(bytesIfThere(file, 'note')).toBeUndefined();
  expect(bytesIfThere(join(file, 'y'), 'note')).toBeUndefined();
  expect(await openHandle(file, 'note')).toBeUndefined();
  expect(() => readBytes(file, 'note')).toThrow('no such file');
  writeFileSync(file, 'größer');
  expect(readText(file, 'note')).toBe('größer');
  const bytes = readBytes(file, 'note');
  expect(bytes.byteOffset).toBe(0);
  expect(bytes.buffer.byteLength).toBe(bytes.length);
  writeFileSync(join(file, '..', 'z'), '');
  expect(() => bytesIfThere(join(folder, 'z'), 'note')).not.toThrow();
});

it('reads parts, no further than the file went when it was opened', () => {
  const file = join(scratch(), 'x');
  writeFileSync(file, '0123456789');
  const parts = withOpenFile(file, 'events', ({ size, read }) => {
    writeFileSync(file, 'abc', { flag: 'a' });
    const part = Buffer.alloc(4);
    return [size, read(part, 8), part.toString('latin1', 0, 2), read(part, 10)];
  });
  expect(parts).toEqual([10, 2, '89', 0]);
});

describe.runIf(onUnix)('records in .east', () => {
  it('are not read or written where a folder on the way is a link', async () => {
    const folder = scratch();
    const elsewhere = scratch();
    mkdirSync(join(elsewhere, 'run'));
    writeFileSync(join(elsewhere, 'run', 'exit.json'), '{}');
    mkdirSync(join(folder, '.east'));
    symlinkSync(elsewhere, join(folder, '.east', 'runs'));
    const file = join(folder, '.east', 'runs', 'run', 'exit.json');
    expect(() => readBytes(file, 'note')).toThrow(/symbolic link/);
    await expect(openHandle(file, 'note')).rejects.toThrow(/symbolic link/);
    expect(() => openForAppend(file, 'note')).toThrow(/symbolic link/);
    expect(() => requireRecordPath(file)).toThrow(/symbolic link/);
  });

  it('may lie in a workspace that is reached through a link', () => {
    const folder = scratch();
    const workspace = join(scratch(), 'link');
    symlinkSync(folder, workspace);
    mkdirSync(join(folder, '.east'));
    writeFileSync(join(folder, '.east', 'queue.json'), '{}');
    expect(readText(join(workspace, '.east', 'queue.json'), 'queue')).toBe('{}');
  });

  it('are made where they are appended to', () => {
    const file = join(scratch(), '.east');
    mkdirSync(file);
    const log = join(file, 'worker.log');
    closeSync(openForAppend(log, 'workerLog'));
    expect(readText(log, 'workerLog')).toBe('');
  });
});
