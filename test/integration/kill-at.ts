/**
 * Loaded before a program (`node --import`): kills the process at an operation of its choice on the files of a folder, or
 * some milliseconds after it; or tells how many there are. Settings come in EAST_KILL: { program, folder, at, after, count }.
 */
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { watchWrites } from './write-points';

interface Settings {
  /** End of the program's file name: others of the same tree are left alone. */
  readonly program: string;
  readonly folder: string;
  /** Number of the operation, from 1. */
  readonly at: number;
  /** Milliseconds; 0: in the middle of it. */
  readonly after: number;
  /** File for the number of operations, written at the end. */
  readonly count: string;
}

const settings: Settings = JSON.parse(process.env['EAST_KILL'] ?? '{}');
if (isMainThread && process.argv[1]?.endsWith(settings.program) === true) {
  let points = 0;
  const kill = (): void => void process.kill(process.pid, 'SIGKILL');
  watchWrites(settings.folder, ({ half }) => {
    points++;
    if (points !== settings.at) return;
    if (settings.after > 0) setTimeout(kill, settings.after);
    else {
      half?.();
      kill();
    }
  });
  if (settings.count !== '') {
    process.on('exit', () => writeFileSync(settings.count, String(points)));
  }
}
