/** Which config a command is about: the argument, with or without its ending, or the only one in the folder. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../core/util/errors';
import { UsageError } from './exit-codes';

export const CONFIG_SUFFIX = '.east.json';

/** Absolute path. Throws UsageError where there is no config or a choice, UserError where the argument is not there. */
export function findConfig(argument: string | undefined, cwd: string): string {
  const path = resolve(cwd, argument ?? '.');
  if (!existsSync(path)) {
    if (existsSync(path + CONFIG_SUFFIX)) return path + CONFIG_SUFFIX;
    throw new UserError('there is no such config; write one with "east init"', { file: path });
  }
  if (!statSync(path).isDirectory()) return path;
  const found = readdirSync(path)
    .filter((name) => name.endsWith(CONFIG_SUFFIX))
    .sort();
  if (found.length === 1) return join(path, found[0]!);
  if (found.length === 0) {
    throw new UsageError(
      `no *${CONFIG_SUFFIX} in ${path}: write one with "east init", or name one`,
    );
  }
  throw new UsageError(`several configs in ${path}, name one of them: ${found.join(', ')}`);
}
