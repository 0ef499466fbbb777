import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSocketAddress, removeSocket } from '../../../src/worker/socket-address';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();

describe('socket address', () => {
  it.skipIf(process.platform === 'win32')('lies in a folder of the user alone', () => {
    const { path, remove } = makeSocketAddress(process.platform, scratch());
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    remove();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('is short enough for macOS in any folder', () => {
    const deep = join(scratch(), 'a'.repeat(90));
    mkdirSync(deep);
    const { path, remove } = makeSocketAddress(process.platform, deep);
    expect(Buffer.byteLength(path)).toBeLessThan(104);
    remove();
  });

  it('is a pipe of an unguessable name on Windows', () => {
    const names = [makeSocketAddress('win32').path, makeSocketAddress('win32').path];
    expect(names[0]).toMatch(/^\\\\\.\\pipe\\east-[0-9a-f]{32}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('removes nothing but a socket', () => {
    const folder = join(scratch(), 'east-precious');
    mkdirSync(folder);
    const file = join(folder, 'worker.sock');
    writeFileSync(file, 'not a socket');
    removeSocket(file);
    removeSocket(join(folder, 'other'));
    removeSocket(folder);
    expect(existsSync(file)).toBe(true);
  });
});
