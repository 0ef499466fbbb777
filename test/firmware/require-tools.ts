/** Tests of C code need compilers and a simulator: in CI a missing one is a failure, elsewhere a skip with a reason. */
import type { Tool } from '../../src/core/firmware/toolchain';
import { findTool } from '../../src/core/firmware/toolchain';

/** True when all are there; prints what is missing. */
export function haveTools(...tools: readonly Tool[]): boolean {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) return true;
  const message = missing.map(({ name, install }) => `${name} is missing: ${install}`).join('\n');
  if (process.env['CI'] === 'true') throw new Error(message);
  process.stderr.write(`skipped: ${message}\n`);
  return false;
}
