/** Where things lie in a workspace's `.east`, and how runs are called. */
import { createHash } from 'node:crypto';
import { isAbsolute, join, relative } from 'node:path';

/** `<name>-<UTC date>-<UTC time>-<sequence>`: the ids of one config sort by age. */
const RUN_ID = /^([A-Za-z_][A-Za-z0-9_]*)-(\d{8}-\d{6}-\d{2,})$/;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** Sorts the ids of runs by age, oldest first. */
export function compareRunIds(a: string, b: string): number {
  const age = (id: string): string => RUN_ID.exec(id)?.[2] ?? '';
  return age(a).localeCompare(age(b)) || a.localeCompare(b);
}

/** The folder of all of EAST's records. */
export function recordsOf(workspace: string): string {
  return join(workspace, '.east');
}

export function runsOf(workspace: string): string {
  return join(recordsOf(workspace), 'runs');
}

/** The lock of whoever works on a config (absolute path), the same wherever the workspace lies. */
export function lockOf(workspace: string, configFile: string): string {
  if (!isAbsolute(configFile)) throw new Error(`not an absolute path: ${configFile}`);
  const path = relative(workspace, configFile).replaceAll('\\', '/');
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(recordsOf(workspace), 'locks', `${hash}.lock`);
}
