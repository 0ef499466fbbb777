/** `east report`: what a finished run takes and how well it does, as a table or as JSON. */
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { findRun } from '../find-run';
import { renderReport } from '../report-table';
import { print } from '../terminal';

export async function report(
  argument: string | undefined,
  options: { readonly json?: boolean },
  context: Context,
): Outcome {
  const { folder } = findRun(argument, context);
  const found = folder.loadReport();
  if (found === undefined) {
    throw new UserError(
      `run ${folder.id} is not finished, so there is no report yet; go on with "east resume", look with "east status"`,
      { file: folder.path },
    );
  }
  print(
    context.terminal,
    options.json ? JSON.stringify(found, null, 2) : renderReport(found, context.terminal),
  );
  return EXIT.ok;
}
