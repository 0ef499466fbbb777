/** Where things lie in a workspace's `.east`, and how runs are called. */
import { createHash } from 'node:crypto';
import { isAbsolute, join, relative } from 'node:path';

/** `<name>-<UTC date>-<UTC time>-<sequence>`: the ids of one config sort by age. */
const RUN_ID = /^([A-Za-z_][A-Za-z0-9_]*)-(\d{8}-\d{6})-(\d{2,9})$/;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/**
 * The id of a run of `name` that begins now, beside the runs `there`. It sorts behind all of that name, also where the
 * clock has been set back since the newest of them.
 */
export function newRunId(name: string, now: Date, there: readonly string[]): string {
  const iso = now.toISOString();
  const time = `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}`;
  const newest = there
    .filter((id) => RUN_ID.exec(id)?.[1] === name)
    .sort(compareRunIds)
    .at(-1);
  const [, , taken = '', sequence] = RUN_ID.exec(newest ?? '') ?? [];
  const [stamp, next] = taken < time ? [time, 0] : [taken, Number(sequence) + 1];
  return `${name}-${stamp}-${String(next).padStart(2, '0')}`;
}

/** Sorts the ids of runs by age, oldest first. */
export function compareRunIds(a: string, b: string): number {
  const [, , timeA = '', sequenceA] = RUN_ID.exec(a) ?? [];
  const [, , timeB = '', sequenceB] = RUN_ID.exec(b) ?? [];
  return (
    timeA.localeCompare(timeB) ||
    Number(sequenceA ?? 0) - Number(sequenceB ?? 0) ||
    a.localeCompare(b)
  );
}

/** The folder of all of EAST's records. */
export function recordsOf(workspace: string): string {
  return join(workspace, '.east');
}

export function runsOf(workspace: string): string {
  return join(recordsOf(workspace), 'runs');
}

/** Float phases that other runs may start from. */
export function floatPhasesOf(workspace: string): string {
  return join(recordsOf(workspace), 'float');
}

/** The lock of whoever works on a config (absolute path), the same wherever the workspace lies. */
export function lockOf(workspace: string, configFile: string): string {
  if (!isAbsolute(configFile)) throw new Error(`not an absolute path: ${configFile}`);
  const path = relative(workspace, configFile).replaceAll('\\', '/');
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(recordsOf(workspace), 'locks', `${hash}.lock`);
}
