/** The report as a terminal shows it: summary and a drawn table of the layers. */
import Table from 'cli-table3';
import {
  layerColumns,
  layerRows,
  SAVINGS_COLUMNS,
  savingsRows,
} from '../core/report/describe-report';
import { formatReport, formatSummary, SAVINGS_WORDS } from '../core/report/format-report';
import type { Report } from '../core/report/report';
import type { Terminal } from './terminal';
import { styleOf } from './terminal';

/** A drawn table on a terminal, aligned columns elsewhere (logs, pipes, `less`). */
export function renderReport(report: Report, terminal: Terminal): string {
  const style = styleOf(terminal);
  if (!terminal.isTTY) return formatReport(report, { width: terminal.columns, style });
  const drawn = (
    columns: readonly string[],
    words: readonly string[],
    rows: string[][],
  ): string => {
    const table = new Table({
      head: columns.map((column) => style.bold(column)),
      colAligns: columns.map((column) => (words.includes(column) ? 'left' : 'right')),
      style: { head: [], border: [], compact: true },
    });
    table.push(...rows);
    return table.toString();
  };
  const saved = savingsRows(report);
  return [
    formatSummary(report, terminal.columns, style),
    drawn(layerColumns(report), ['layer', 'shape'], layerRows(report)),
    ...(saved.length === 0 ? [] : [drawn(SAVINGS_COLUMNS, SAVINGS_WORDS, saved)]),
  ].join('\n\n');
}
