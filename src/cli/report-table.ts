/** The report as a terminal shows it: summary and a drawn table of the layers. */
import Table from 'cli-table3';
import { layerColumns, layerRows } from '../core/report/describe-report';
import { formatReport, formatSummary } from '../core/report/format-report';
import type { Report } from '../core/report/report';
import type { Terminal } from './terminal';
import { styleOf } from './terminal';

/** A drawn table on a terminal, aligned columns elsewhere (logs, pipes, `less`). */
export function renderReport(report: Report, terminal: Terminal): string {
  const style = styleOf(terminal);
  if (!terminal.isTTY) return formatReport(report, { width: terminal.columns, style });
  const table = new Table({
    head: layerColumns(report).map((column) => style.bold(column)),
    colAligns: layerColumns(report).map((_, column) => (column < 2 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...layerRows(report));
  return `${formatSummary(report, terminal.columns, style)}\n\n${table.toString()}`;
}
