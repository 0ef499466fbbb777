/** What lenses, decorations and hovers say, in words; without the editor, so that tests can read it. */
import { nonZeroOf } from '../../core/plan/compression';
import type { Forecast, LayerForecast } from '../../core/plan/forecast';
import { fixedFlashParts, flashParts, type Part, ramParts } from '../../core/plan/parts';
import { decodingShare } from '../../core/plan/decoding';
import {
  decodingLine,
  formatName,
  frontendText,
  resultOf,
  savingsLine,
  storedBy,
} from '../../core/report/describe-report';
import {
  formatAgainst,
  formatBytes,
  formatCount,
  formatPercent,
  formatRatio,
  formatShape,
} from '../../core/report/format';
import type { LayerReport, Report } from '../../core/report/report';

/** `98.10 % · 14.4 of 14.5 KiB`: the metric, and the flash (or weights) against what they may take. */
export function resultText(report: Report): string {
  const { flash, budget } = report;
  const size =
    budget.flash !== undefined
      ? against(flash.total, budget.flash)
      : budget.weights !== undefined
        ? against(flash.weights, budget.weights)
        : formatBytes(flash.total);
  return `${resultOf(report, 2)} · ${size}`;
}

/** The unit once where both have it. */
function against(bytes: number, limit: number): string {
  const text = formatAgainst(bytes, limit);
  const [, from, first, to, second] = /^(.*) (\S+) of (.*) (\S+)$/.exec(text) ?? [];
  return first !== undefined && first === second ? `${from} of ${to} ${second}` : text;
}

/** Behind a layer's entry, as the last run left it. */
export function trainedLayerText(layer: LayerReport): string {
  const format = formatName(layer);
  return (
    `${formatBytes(layer.blobBytes)} · ${formatPercent(layer.sparsity, 0)} zero · ${formatRatio(layer.ratio)}` +
    (format === 'int8' ? '' : ` · ${format}`)
  );
}

/** Behind a layer's entry before any run; drawn differently, too. */
export function forecastLayerText(layer: LayerForecast): string {
  if (layer.formatOpen) return `${formatBytes(layer.denseBytes)} dense int8, format open`;
  return layer.format === undefined || layer.format === 'int8'
    ? `${formatBytes(layer.denseBytes)} dense`
    : `${formatBytes(layer.packedBytes)} dense, ${layer.format}`;
}

/** Behind a model file. */
export function modelFileSizeText({ flash, layers, graph }: Forecast): string {
  return `${formatShape(graph.inputShape)} · ${layers.length} layers · ${formatBytes(flash.denseBytes)} dense int8`;
}

type Row = readonly [name: string, value: string];

/** Of budget.flash and budget.weights: the parts, before training and as the last run left them. Markdown. */
export function flashTable({ flash, frontend }: Forecast, report: Report | undefined): string {
  const left =
    flash.blobBudget === undefined ? 'not limited' : formatBytes(Math.max(0, flash.blobBudget));
  const rows: Row[] =
    report === undefined
      ? [
          ['weights, dense int8', formatBytes(flash.denseBytes)],
          ...(flash.packedBytes === flash.denseBytes
            ? []
            : [
                [
                  `weights, dense, ${flash.formatOpen ? 'likely' : 'mostly'} ${flash.format}`,
                  formatBytes(flash.packedBytes),
                ] as const,
              ]),
          ['left for them', left],
          ...partRows(
            fixedFlashParts({ ...flash, code: flash.code.bytes, codeSource: flash.code.source }),
          ),
        ]
      : [
          ...partRows(flashParts(report.flash)),
          [
            '**total**',
            `**${flash.budget === undefined ? formatBytes(report.flash.total) : formatAgainst(report.flash.total, flash.budget)}**`,
          ],
        ];
  const title = report === undefined ? 'Flash, before training' : 'Flash, last run';
  const { requiredRatio } = flash;
  const nonZero = nonZeroOf(flash);
  const need =
    requiredRatio === undefined || nonZero === undefined || nonZero === 1
      ? []
      : [
          '',
          `The weights must shrink ${formatRatio(requiredRatio)}, to ${left}; about ${formatPercent(nonZero, 0)} of them can stay non-zero.`,
        ];
  return [table(title, rows), ...need, ...frontendRows(frontend)].join('\n');
}

/** Of budget.ram: the parts, at most before training, and as the last run left them. Markdown. */
export function ramTable({ ram, layers, frontend }: Forecast, report: Report | undefined): string {
  const { total, peakLayer } = report?.ram ?? ram;
  const against = ram.budget === undefined ? formatBytes(total) : formatAgainst(total, ram.budget);
  const rows: Row[] = [...partRows(ramParts(report?.ram ?? ram)), ['**total**', `**${against}**`]];
  const when = report === undefined ? 'before training, at most' : 'last run';
  const body = table(`RAM, ${when}; the peak is in layer ${peakLayer}`, rows);
  // Training chooses what is decoded; tiles of layers that are not take no buffer.
  if (report !== undefined) return [body, ...frontendRows(frontend)].join('\n');
  const cut = layers
    .filter(({ tiles }) => tiles > 1)
    .map(({ name, tiles }) => `${name} in ${tiles}`);
  return [
    body,
    ...(cut.length > 0 ? ['', `Decoded in tiles: ${cut.join(', ')}.`] : []),
    '',
    `The smallest possible is ${formatBytes(ram.least)}.`,
    ...frontendRows(frontend),
  ].join('\n');
}

function frontendRows(frontend: Forecast['frontend']): string[] {
  return frontend === undefined ? [] : ['', `Front end: ${frontendText(frontend)}.`];
}

/** Of budget.decode. Markdown. */
export function decodingTable({ decoding }: Forecast, report: Report | undefined): string {
  const { compute, most, limit, share } = decoding;
  const about = (n: number): string => formatCount(Number(n.toPrecision(3)));
  const trained = report && decodingLine(report);
  const rows: Row[] = [
    ['computing', about(compute)],
    ['decoding may take', Number.isFinite(limit) ? about(limit) : 'whatever it takes'],
    ['all decoded, at most', `${about(most)}, ${formatPercent(decodingShare(compute, most), 0)}`],
    ...(trained === undefined ? [] : [['last run', trained] as const]),
  ];
  const title = share === undefined ? 'not limited' : `at most ${formatPercent(share, 0)}`;
  return table(`Decoding, ${title} of an inference; instructions, estimated`, rows);
}

/** Of an entry of model.layers. Markdown. */
export function layerTable(layer: LayerForecast, trained: LayerReport | undefined): string {
  const { activations, scratch, decode } = layer.ram;
  const rows: Row[] = [['output', formatShape(layer.outputShape)]];
  if (layer.parameters > 0) {
    rows.push(
      ['weights', `${formatShape(layer.weightShape)}, ${formatCount(layer.parameters)}`],
      ['dense int8', formatBytes(layer.denseBytes)],
      ...(layer.format === undefined || layer.format === 'int8'
        ? []
        : [
            [
              `dense ${layer.format}${layer.formatOpen ? ' (a guess: training chooses)' : ''}`,
              formatBytes(layer.packedBytes),
            ] as const,
          ]),
    );
  }
  if (trained !== undefined) {
    rows.push(['last run', trainedLayerText(trained)]);
    const saved = savingsLine({ layers: [trained] });
    if (saved !== undefined) rows.push(['saved by', saved]);
    rows.push(['stored by', storedBy(trained)]);
  }
  if (layer.tiles > 1) rows.push(['decoded in', `${layer.tiles} tiles`]);
  rows.push(['RAM while it runs, at most', formatBytes(activations + scratch + decode)]);
  return table(`Layer ${layer.name}`, rows);
}

function partRows(parts: readonly Part[]): Row[] {
  return parts.map(([name, bytes]) => [name, formatBytes(bytes)]);
}

function table(title: string, rows: readonly Row[]): string {
  return [
    `| ${title} | |`,
    '| :-- | --: |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
  ].join('\n');
}
