/** Where the background process listens: a place that no other user of the computer can open. */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const PREFIX = 'east-';
const NAME = 'worker.sock';
/** macOS holds 104 bytes for the path of a socket, the final zero included. */
const LONGEST = 100;

export interface SocketAddress {
  readonly path: string;
  /** Removes what making it left on the disk. */
  remove(): void;
}

export function makeSocketAddress(platform = process.platform, folder = tmpdir()): SocketAddress {
  if (platform === 'win32') {
    const path = `\\\\.\\pipe\\${PREFIX}${randomBytes(16).toString('hex')}`;
    return { path, remove: () => undefined };
  }
  const longest = Buffer.byteLength(join(folder, `${PREFIX}XXXXXX`, NAME));
  // mkdtemp's folders are the owner's alone (0700).
  const path = join(mkdtempSync(join(longest > LONGEST ? '/tmp' : folder, PREFIX)), NAME);
  return { path, remove: () => removeSocket(path) };
}

/** Of a process that was killed, too; `path` may come from a file that anybody wrote, so nothing but a socket goes. */
export function removeSocket(path: string): void {
  const folder = dirname(path);
  if (basename(path) !== NAME || !basename(folder).startsWith(PREFIX)) return;
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    // Gone already.
  }
  try {
    rmdirSync(folder);
  } catch {
    // Gone already, or not ours.
  }
}
