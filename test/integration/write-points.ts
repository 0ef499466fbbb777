/**
 * Every operation that changes something in a folder, in the order a process does them: where a test lets one fail or
 * kills the process. What is counted are calls, not time, so the same number is the same moment on every machine.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export interface WritePoint {
  readonly operation: string;
  readonly path: string;
  /** Of a write: does half of it. */
  readonly half?: () => void;
}

const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants;

/** Calls `at` before each such operation; what it throws is what the caller gets. Returns what ends that. */
export function watchWrites(folder: string, at: (point: WritePoint) => void): () => void {
  const real = {
    openSync: fs.openSync,
    closeSync: fs.closeSync,
    writeFileSync: fs.writeFileSync,
    fsyncSync: fs.fsyncSync,
    ftruncateSync: fs.ftruncateSync,
    renameSync: fs.renameSync,
    rmSync: fs.rmSync,
    utimesSync: fs.utimesSync,
    chmodSync: fs.chmodSync,
    mkdirSync: fs.mkdirSync,
  };
  const { writeSync } = fs;
  const paths = new Map<number, string>();
  const tell = (operation: string, of: unknown, half?: () => void): void => {
    const path = typeof of === 'number' ? paths.get(of) : String(of);
    if (path?.startsWith(folder) !== true) return;
    at({ operation, path, ...(half && { half }) });
  };
  fs.openSync = (path, flags, mode) => {
    if (isForWriting(flags)) tell('open', path);
    const descriptor = real.openSync(path, flags, mode);
    paths.set(descriptor, String(path));
    return descriptor;
  };
  fs.closeSync = (descriptor) => {
    real.closeSync(descriptor);
    paths.delete(descriptor);
  };
  fs.writeFileSync = (file, data, options) => {
    tell('write', file, () => {
      if (typeof file !== 'number') return;
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      writeSync(file, bytes, 0, Math.floor(bytes.byteLength / 2));
    });
    real.writeFileSync(file, data, options);
  };
  fs.fsyncSync = (descriptor) => {
    tell('fsync', descriptor);
    real.fsyncSync(descriptor);
  };
  fs.ftruncateSync = (descriptor, length) => {
    tell('ftruncate', descriptor);
    real.ftruncateSync(descriptor, length);
  };
  fs.renameSync = (from, to) => {
    tell('rename', to);
    real.renameSync(from, to);
  };
  fs.rmSync = (path, options) => {
    tell('rm', path);
    real.rmSync(path, options);
  };
  fs.utimesSync = (path, atime, mtime) => {
    tell('utimes', path);
    real.utimesSync(path, atime, mtime);
  };
  fs.chmodSync = (path, mode) => {
    tell('chmod', path);
    real.chmodSync(path, mode);
  };
  const mkdirSync: (...args: Parameters<typeof fs.mkdirSync>) => string | undefined = (
    path,
    options,
  ) => {
    tell('mkdir', path);
    return real.mkdirSync(path, options) ?? undefined;
  };
  Object.assign(fs, { mkdirSync });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  };
}

function isForWriting(flags: string | number | undefined): boolean {
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR | O_CREAT)) !== 0;
  return /[wa+]/.test(flags ?? 'r');
}

/** Whether the long form is asked for: every operation, each fault; minutes to an hour. */
export const LONG = process.env['EAST_CAMPAIGN'] === 'long';

/** `count` of the whole numbers from 1 to `most`, spread over them, the same for the same seed; all in the long form. */
export function chosen(most: number, count: number, random: { int(n: number): number }): number[] {
  const all = Array.from({ length: most }, (_, i) => i + 1);
  if (LONG || most <= count) return all;
  const part = most / count;
  return Array.from(
    { length: count },
    (_, i) => 1 + Math.floor(i * part) + random.int(Math.max(1, Math.floor(part))),
  );
}
