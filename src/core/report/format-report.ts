/** The report as plain text of a given width, for terminals that draw no table and for logs and files. */
import { detailLines } from './describe-details';
import { metricIn } from '../tasks/tasks';
import {
  decodingLine,
  frontendLine,
  excesses,
  layerColumns,
  layerRows,
  quantizedLine,
  reportLimits,
  resultsLine,
  SAVINGS_COLUMNS,
  savingsLine,
  savingsRows,
  streamLine,
} from './describe-report';
import { notesOf } from './notes';
import { formatAgainst, formatBar, formatBytes, formatPercent, formatRatio } from './format';
import type { Report } from './report';

/** How a piece of text is marked: identity for no colour. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export const PLAIN: Style = {
  good: (text) => text,
  bad: (text) => text,
  dim: (text) => text,
  bold: (text) => text,
};

/** Heading, limits with their bars, results and what is exceeded; without the layers. Lines of at most `width`. */
export function formatSummary(report: Report, width: number, style: Style = PLAIN): string {
  const method = report.method + (report.encoder === 'greedy' ? ', greedy LZ4' : '');
  const lines = [
    style.bold(`EAST · ${report.name}`) +
      style.dim(` · ${method} · ${report.trainedWith} · seed ${report.seed} · run ${report.run}`),
    '',
  ];
  const bar = width >= 72 ? 20 : 10;
  for (const { name, bytes, limit, met, parts } of reportLimits(report)) {
    const label = name.toUpperCase().padEnd(9);
    const detail = parts.map(([part, size]) => `${part} ${formatBytes(size)}`).join(' · ');
    if (limit === undefined) {
      lines.push(`${label}${formatBytes(bytes)}, no limit set`);
    } else {
      const mark = met ? style.good : style.bad;
      lines.push(`${label}${mark(formatBar(bytes / limit, bar))}  ${formatAgainst(bytes, limit)}`);
    }
    lines.push(...wrap(detail, width - 9).map((part) => style.dim(' '.repeat(9) + part)));
  }
  lines.push(
    '',
    `${metricIn(report.measured).name.toUpperCase()} ${resultsLine(report)}`,
    `SPARSITY ${formatPercent(report.sparsity)}   COMPRESSION ${formatRatio(report.ratio)} ` +
      `(${formatBytes(report.denseBytes)} dense → ${formatBytes(report.flash.weights)})`,
  );
  for (const { what, text } of detailLines(report.details)) {
    lines.push(...wrap(`${what.toUpperCase()} ${text}`, width, ' '));
  }
  const quantized = quantizedLine(report);
  if (quantized !== undefined) lines.push(...wrap(`QUANTISED ${quantized}`, width, ' '));
  const saved = savingsLine(report);
  if (saved !== undefined) lines.push(...wrap(`SAVED BY ${saved}`, width));
  const decoding = decodingLine(report);
  if (decoding !== undefined) lines.push(...wrap(`DECODING ${decoding}`, width, ' '));
  const frontend = frontendLine(report);
  if (frontend !== undefined) lines.push(...wrap(`FRONT END ${frontend}`, width, ' '));
  const stream = streamLine(report);
  if (stream !== undefined) lines.push(...wrap(`STREAM   ${stream}`, width, ' '));
  for (const excess of excesses(report)) lines.push(style.bad(`✗ ${excess}`));
  if (report.withinBudget) lines.push(style.good('✓ within budget'));
  for (const note of notesOf(report)) lines.push(...wrap(`! ${note}`, width, ' '));
  return lines.join('\n');
}

/** The whole report, layers as aligned columns. No trailing newline. */
export function formatReport(
  report: Report,
  options: { readonly width: number; readonly style?: Style },
): string {
  const layers = aligned([[...layerColumns(report)], ...layerRows(report)], ['layer', 'shape']);
  const saved = savingsRows(report);
  const savings =
    saved.length === 0 ? [] : ['', ...aligned([[...SAVINGS_COLUMNS], ...saved], SAVINGS_WORDS)];
  return [formatSummary(report, options.width, options.style), '', ...layers, ...savings].join(
    '\n',
  );
}

/** Columns of SAVINGS_COLUMNS that hold words. */
export const SAVINGS_WORDS: readonly string[] = ['layer', 'stored by'];

/** Words to the left, numbers to the right; the first row has the columns' names. */
function aligned(rows: readonly (readonly string[])[], words: readonly string[]): string[] {
  const [head = []] = rows;
  const widths = head.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    row
      .map((cell, c) =>
        words.includes(head[c]!) ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks at the separator into lines of at most `width` where that is possible. */
function wrap(text: string, width: number, separator = ' · '): string[] {
  const lines: string[] = [];
  for (const part of text.split(separator)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + separator.length + part.length <= width) {
      lines[lines.length - 1] = `${last}${separator}${part}`;
    } else {
      lines.push(part);
    }
  }
  return lines;
}
