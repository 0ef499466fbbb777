/** `east report`: what a finished run takes and how well it does, as a table or as JSON. */
import type { Report } from '../../core/report/report';
import { dataRemarks } from '../../core/run/data-record';
import type { RunFolder } from '../../core/run/run-folder';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { findFinishedRun, remarkOnChanges, resultsError } from '../find-run';
import { renderReport } from '../report-table';
import { print, remark } from '../terminal';

export async function report(
  argument: string | undefined,
  options: { readonly json?: boolean },
  context: Context,
): Outcome {
  const { folder, config } = findFinishedRun(argument, context);
  const found = load(folder);
  await remarkOnChanges(config, 'the run is judged by the budget it was trained for', context);
  for (const text of await dataRemarks(config, folder)) remark(context.terminal, text);
  print(
    context.terminal,
    options.json ? JSON.stringify(found, null, 2) : renderReport(found, context.terminal),
  );
  return EXIT.ok;
}

function load(folder: RunFolder): Report {
  let found: Report | undefined;
  try {
    found = folder.loadReport();
  } catch (error) {
    if (error instanceof UserError) throw resultsError(folder, error);
    throw error;
  }
  if (found !== undefined) return found;
  throw resultsError(
    folder,
    new UserError('the report is missing', { file: folder.file('report.json') }),
  );
}
