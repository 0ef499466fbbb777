/** A report in words and rows, free of any terminal or page: what to show, for the CLI and the editor to lay out. */
import { decodingShare } from '../plan/decoding';
import type { FrontendCost } from '../plan/frontend-cost';
import { type Limit, type LimitName, limitsOf } from '../plan/limits';
import { flashParts, type Part, ramParts, weightParts } from '../plan/parts';
import { STAGES, stageName, valueAt, type Fitting } from '../tasks/measurement';
import { metricIn } from '../tasks/tasks';
import { shortfall } from './floor';
import {
  formatAgainst,
  formatBytes,
  formatCount,
  formatMetric,
  formatPercent,
  formatRatio,
  formatShape,
} from './format';
import { type LayerReport, type Report, sizesOf } from './report';
import { addSavings, type Savings } from './savings';

export interface ReportLimit extends Limit {
  /** They add up to the bytes. */
  readonly parts: readonly Part[];
}

/** What counts against each key of `budget`. */
export function reportLimits(report: Report): ReportLimit[] {
  const { flash, ram, budget } = report;
  const header = headerBytes(report);
  const parts: Readonly<Record<LimitName, Part[]>> = {
    flash: flashParts(flash),
    ram: ramParts(ram),
    weights: weightParts(flash.weights - header, header),
  };
  return limitsOf(sizesOf(report), budget).map((limit) => ({ ...limit, parts: parts[limit.name] }));
}

/** Of the blob: what belongs to no layer. */
function headerBytes({ flash, layers }: Report): number {
  return flash.weights - layers.reduce((sum, layer) => sum + layer.blobBytes, 0);
}

/** One sentence per limit that is exceeded, naming the key, the excess and the heaviest layers; one for a result that is too bad. */
export function excesses(report: Report): string[] {
  const short = shortfall(report);
  const over = limitsOf(sizesOf(report), report.budget).flatMap(({ name, bytes, limit, met }) => {
    if (met || limit === undefined) return [];
    const over = formatCount(bytes - limit);
    const what = `budget.${name} is exceeded by ${over} bytes (${formatAgainst(bytes, limit)})`;
    if (name === 'ram') return [`${what}; the peak is in layer ${report.ram.peakLayer}`];
    const heaviest = [...report.layers]
      .sort((a, b) => b.blobBytes - a.blobBytes)
      .slice(0, 3)
      .map((layer) => `${layer.name} ${formatBytes(layer.blobBytes)}`);
    return [`${what}; the heaviest layers are ${heaviest.join(', ')}`];
  });
  return short === undefined ? over : [...over, short];
}

/** What a step along a stream computes and what the window would; undefined where the firmware runs along none. */
export function streamLine({ stream }: Pick<Report, 'stream'>): string | undefined {
  if (stream === undefined) return undefined;
  const { hop, macs, windowRam, exact, instructions } = stream;
  const outputs = exact ? 'the outputs of the whole window' : 'the past in place of padding';
  return (
    `steps of ${hop}, with ${outputs}: ${formatCount(macs.step)} multiplications each instead of the window's ` +
    `${formatCount(macs.window)} (${formatPercent(1 - macs.step / macs.window)} saved)` +
    (instructions === undefined
      ? ''
      : `, about ${about(instructions.step)} instructions instead of ${about(instructions.window)} (${formatPercent(1 - instructions.step / instructions.window)} saved)`) +
    `; the whole window besides takes ${formatBytes(windowRam)} more RAM`
  );
}

/** What a front end takes, all of which counts in flash and RAM above; undefined without one, and in reports that do not say. */
export function frontendLine({ frontend }: Pick<Report, 'frontend'>): string | undefined {
  return frontend && frontendText(frontend);
}

export function frontendText({
  tables,
  code,
  ram,
  instructions,
  frames: { window, output },
}: FrontendCost): string {
  const frames =
    output === window ? `${window} of a window` : `${output} of a step, ${window} of a window`;
  return (
    `tables ${formatBytes(tables)} · code ${formatBytes(code)} · RAM ${formatBytes(ram)} · about ${about(instructions)} ` +
    `instructions a frame, ${about(output * instructions)} an output (${frames})`
  );
}

/** An estimate, without digits that nobody knows. */
function about(instructions: number): string {
  return formatCount(Number(instructions.toPrecision(3)));
}

export const LAYER_COLUMNS = [
  'layer',
  'shape',
  'params',
  'format',
  'sparsity',
  'bytes',
  'ratio',
  'share',
  'tiles',
] as const;

/** Beside them, where a float network was quantised without training. */
const NOISE_COLUMNS = ['signal to noise', 'alone'] as const;

/** Of the table of layers. */
export function layerColumns({ quantized }: Report): readonly string[] {
  return quantized === undefined ? LAYER_COLUMNS : [...LAYER_COLUMNS, ...NOISE_COLUMNS];
}

/** A row per layer, one for the blob's header and the total, in the order of layerColumns. */
export function layerRows(report: Report): string[][] {
  const rows = plainRows(report);
  if (report.quantized === undefined) return rows;
  return rows.map((row, i) => {
    const noise = report.layers[i]?.noise;
    return [...row, formatDecibels(noise?.output), formatDecibels(noise?.own)];
  });
}

function formatDecibels(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(1)} dB`;
}

/**
 * How a network was quantised without training, and which layer spoils it most by its own rounding: undefined for others.
 */
export function quantizedLine({ quantized, layers }: Report): string | undefined {
  if (quantized === undefined) return undefined;
  const { ranges, equalized, biasCorrected, examples } = quantized;
  const how = [
    `ranges by ${ranges} of ${formatCount(examples)} examples`,
    ...(equalized ? ['channels equalised'] : []),
    ...(biasCorrected ? ['biases corrected'] : []),
  ];
  const worst = layers
    .flatMap(({ name, noise }) => (noise?.own === undefined ? [] : [{ name, own: noise.own }]))
    .sort((a, b) => a.own - b.own)[0];
  const spoils =
    worst === undefined
      ? ''
      : `; by its own rounding ${worst.name} spoils most, ${formatDecibels(worst.own)}`;
  return `${how.join(', ')}${spoils}`;
}

function plainRows(report: Report): string[][] {
  const rows = report.layers.map((layer) => [
    layer.name,
    formatShape(layer.shape),
    formatCount(layer.parameters),
    formatName(layer),
    formatPercent(layer.sparsity),
    formatCount(layer.blobBytes),
    formatRatio(layer.ratio),
    formatPercent(layer.share),
    tilesText(layer),
  ]);
  const tiles = report.layers.reduce((sum, layer) => sum + layer.tiles, 0);
  return [
    ...rows,
    ['(header)', '', '', '', '', formatCount(headerBytes(report)), '', '', ''],
    [
      'total',
      '',
      formatCount(report.parameters),
      '',
      formatPercent(report.sparsity),
      formatCount(report.flash.weights),
      formatRatio(report.ratio),
      '',
      String(tiles),
    ],
  ];
}

/** `int4`, or `9 levels` where a codec stores as many as there are. */
export function formatName({ format = 'int8', levels }: LayerReport): string {
  return levels === undefined ? format : `${levels} levels`;
}

/** `12`, `12 (3 raw)`, or by name where another codec than LZ4 stores some: `12 (9 entropy, 3 raw)`. */
export function tilesText({ tiles, rawTiles, codecs }: LayerReport): string {
  const named = codecs ?? (rawTiles === 0 ? {} : { raw: rawTiles });
  const parts = Object.entries(named).map(([id, count]) => `${formatCount(count)} ${id}`);
  return parts.length === 0 ? String(tiles) : `${tiles} (${parts.join(', ')})`;
}

export const SAVINGS_COLUMNS = [
  'layer',
  'dense',
  'few levels',
  'pruning',
  'encoding',
  'entries',
  'bytes',
  'stored by',
] as const;

/**
 * What saved the bytes of each layer, in the order of SAVINGS_COLUMNS: bytes as dense int8, less those saved by each part, is
 * what the layer takes. Empty for reports of earlier versions, which do not say.
 */
export function savingsRows({ layers }: Pick<Report, 'layers'>): string[][] {
  const known = layers.flatMap((layer) => (layer.savings ? [{ ...layer.savings, layer }] : []));
  if (known.length === 0) return [];
  const row = (name: string, savings: Savings, bytes: number, by: string): string[] => [
    name,
    formatCount(savings.dense),
    ...[savings.levels, savings.zeros, savings.coding].map(formatSaved),
    savings.entries === 0 ? '' : `+${formatCount(savings.entries)}`,
    formatCount(bytes),
    by,
  ];
  return [
    ...known.map(({ layer, ...savings }) =>
      row(layer.name, savings, layer.blobBytes, storedBy(layer)),
    ),
    row(
      'total',
      addSavings(known),
      known.reduce((sum, { layer }) => sum + layer.blobBytes, 0),
      '',
    ),
  ];
}

function formatSaved(bytes: number): string {
  if (bytes === 0) return '';
  return bytes > 0 ? `−${formatCount(bytes)}` : `+${formatCount(-bytes)}`;
}

/** `LZ4`, `raw: LZ4 would take 12 bytes more`, `entropy coder, 1 of 3 tiles raw`. */
export function storedBy({ tiles, rawTiles, codecs, savings }: LayerReport): string {
  const used = codecs ?? { ...(rawTiles < tiles && { lz4: tiles - rawTiles }) };
  const names = Object.keys(used)
    .filter((id) => id !== 'raw')
    .map(codecName);
  if (names.length === 0) return `raw${whyRaw(savings)}`;
  const raw = rawTiles === 0 ? '' : `, ${rawTiles} of ${tiles} tiles raw`;
  return names.join(' and ') + raw;
}

/** By the codec that would do the most for the tiles; nothing in reports that do not say. */
function whyRaw({ lz4More, entropyLess = 0 }: Partial<Savings> = {}): string {
  if (lz4More === undefined) return '';
  if (entropyLess > Math.max(0, -lz4More)) {
    return (
      `: the entropy coder would take ${formatCount(entropyLess)} bytes less but for its decoder; ` +
      'it was not chosen, or budget.decode or east.codec rules it out'
    );
  }
  return lz4More < 0
    ? `: LZ4 would take ${formatCount(-lz4More)} bytes less, which budget.decode, east.codec or east.encoder rules out`
    : `: LZ4 would take ${formatCount(lz4More)} bytes more`;
}

/** As people say it; ids are what files have. */
function codecName(id: string): string {
  return id === 'lz4' ? 'LZ4' : id === 'entropy' ? 'entropy coder' : id;
}

/** `few levels saved 30.1 KiB, pruning 12.0 KiB, the encoding 1.2 KiB`; undefined where the report does not say. */
export function savingsLine({ layers }: Pick<Report, 'layers'>): string | undefined {
  const known = layers.flatMap(({ savings }) => savings ?? []);
  if (known.length === 0) return undefined;
  const { levels, zeros, coding } = addSavings(known);
  const parts = [
    ['few levels', levels],
    ['pruning', zeros],
    ['the encoding of the rest', coding],
  ] as const;
  return parts
    .map(([what, bytes]) => `${what} ${bytes < 0 ? '−' : ''}${formatBytes(Math.abs(bytes))}`)
    .join(' · ');
}

/**
 * `about 120,000 of 1,340,000 instructions of an inference, 9 %; budget.decode allows 60 %`, or `none of about …`; undefined
 * where the report does not say.
 */
export function decodingLine({
  instructions,
  budget: { decode },
}: Pick<Report, 'instructions' | 'budget'>): string | undefined {
  if (instructions === undefined) return undefined;
  const { decoding, computing } = instructions;
  if (decoding === 0) return `none of about ${about(computing)} instructions of an inference`;
  return (
    `about ${about(decoding)} of ${about(decoding + computing)} instructions of an inference, ` +
    formatPercent(decodingShare(computing, decoding), 0) +
    (decode === undefined ? '' : `; budget.decode allows ${formatPercent(decode, 0)}`)
  );
}

/** What its run made of the network, for the words of its stages. */
export function fittingOf({ method, layers }: Pick<Report, 'method' | 'layers'>): Fitting {
  return { method, formats: layers.map(({ format = 'int8' }) => format) };
}

/** The metric of the network that the firmware computes, as text: `98.10 %`. */
export function resultOf({ measured }: Pick<Report, 'measured'>, digits?: number): string {
  return formatMetric(valueAt(measured, 'fitted'), metricIn(measured), digits);
}

/** `float 91.20 % → quantised 91.02 % → EAST 90.34 % (10,000 test examples)`. */
export function resultsLine(report: Report): string {
  const { measured, testExamples } = report;
  if (testExamples === 0) return 'not measured: the config names no test examples';
  const metric = metricIn(measured);
  const fitting = fittingOf(report);
  // A network that was not trained here has not been through all of them.
  const untrained = measured.length === 1 || report.quantized !== undefined;
  const known = STAGES.filter((stage) => !untrained || valueAt(measured, stage) !== undefined);
  const stages = known.map(
    (stage) => `${stageName(stage, fitting)} ${formatMetric(valueAt(measured, stage), metric, 2)}`,
  );
  return `${stages.join(' → ')} (${formatCount(testExamples)} test examples)`;
}
