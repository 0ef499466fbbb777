/** From arguments to an exit code: nothing thrown leaves here. */
import { CommanderError } from 'commander';
import { formatUserError } from '../core/util/errors';
import { mendable } from '../core/util/file-errors';
import type { Context } from './context';
import { EXIT, UsageError } from './exit-codes';
import { createProgram } from './program';
import { remark, styleOf } from './terminal';

/** `args` without node and script. */
export async function execute(
  args: readonly string[],
  context: Context,
  version: string,
): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(context, version, (result) => {
    code = result;
  });
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, context);
  }
}

function explain(error: unknown, { terminal }: Context): number {
  const style = styleOf(terminal);
  // Commander has printed its own message; its code is 0 for --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) {
    remark(terminal, style.bad(`east: ${error.message}`));
    return EXIT.usage;
  }
  const known = mendable(error);
  if (known !== undefined) {
    remark(terminal, style.bad(`east: ${formatUserError(known)}`));
    return EXIT.failure;
  }
  remark(terminal, style.bad('east: this is a bug of EAST; please report it with what follows'));
  remark(terminal, error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.internal;
}
