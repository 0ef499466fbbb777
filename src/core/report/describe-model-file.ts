/** What a model file is, in Markdown for hovers: its format, what its layers are, what of it can be computed here. */
import type { Forecast } from '../plan/forecast';
import type { FileFacts, NormalizationHint } from '../models/model';
import { formatBytes, formatCount, formatShape } from './format';

const WEIGHTS = {
  int8: 'int8',
  float32: 'float32',
  float16: 'float16',
  dynamic: 'int8, but computed in float',
} as const;
/** Of operators and layers in a table; a large network has hundreds. */
const MOST_ROWS = 30;

/** @param forecast where the network can be computed here */
export function describeModelFile(
  name: string,
  facts: FileFacts,
  forecast: Forecast | undefined,
): string {
  const { format, weightsType, parameters, operators, normalization } = facts;
  const unsupported = operators.filter((operator) => operator.unsupported === true);
  const weights = parameters === undefined ? '' : `, ${formatCount(parameters)}`;
  const rows: (readonly [string, string])[] = [
    ['format', plain(format)],
    ['weights', `${WEIGHTS[weightsType]}${weights}`],
    ...shapeRow('input', facts.inputName === undefined ? [] : [facts.inputName], [
      facts.inputShape,
    ]),
    ...shapeRow('output', facts.outputNames ?? [], facts.outputShapes ?? []),
    ['operators', operators.slice(0, MOST_ROWS).map(operatorText).join(', ')],
    ...(normalization === undefined
      ? []
      : [['expects', normalizationText(normalization)] as const]),
    ...(forecast === undefined ? [] : sizeRows(forecast)),
  ];
  return [
    `| ${plain(name)} | |`,
    '| :-- | :-- |',
    ...rows.map(([key, value]) => `| ${key} | ${value} |`),
    ...(unsupported.length > 0
      ? [
          '',
          `**Not supported: ${unsupported.map((operator) => plain(operator.name)).join(', ')}.**`,
        ]
      : []),
    ...facts.notes.flatMap((note) => ['', plain(note)]),
    ...(forecast === undefined ? [] : ['', ...layerRows(forecast)]),
  ].join('\n');
}

function sizeRows({ flash, ram }: Forecast): (readonly [string, string])[] {
  return [
    ['as dense int8', formatBytes(flash.denseBytes)],
    ['RAM from', formatBytes(ram.least)],
  ];
}

function layerRows({ layers }: Forecast): string[] {
  const shown = layers.slice(0, MOST_ROWS);
  const more = layers.length - shown.length;
  return [
    '| layer | kind | output | weights |',
    '| :-- | :-- | --: | --: |',
    ...shown.map(
      ({ name, kind, outputShape, parameters }) =>
        `| ${plain(name)} | ${kind} | ${formatShape(outputShape)} | ${parameters === 0 ? '' : formatCount(parameters)} |`,
    ),
    ...(more > 0 ? [`| … ${more} more | | | |`] : []),
  ];
}

function shapeRow(
  what: string,
  names: readonly string[],
  shapes: readonly (readonly number[] | undefined)[],
): (readonly [string, string])[] {
  const count = Math.max(names.length, shapes.filter((shape) => shape !== undefined).length);
  const texts = Array.from({ length: count }, (_, i) => {
    const shape = shapes[i]?.map((n) => (n < 0 ? '?' : String(n))).join('×');
    return [plain(names[i] ?? ''), shape ?? ''].filter((text) => text !== '').join(' ');
  });
  return count === 0 ? [] : [[what, texts.join(', ')]];
}

function operatorText({ name, count, unsupported }: FileFacts['operators'][number]): string {
  const text = `${count > 1 ? `${count} ` : ''}${plain(name)}`;
  return unsupported === true ? `**${text}**` : text;
}

function normalizationText({ mean, std, from }: NormalizationHint): string {
  const list = (values: readonly number[]): string => {
    const short = values.map((value) => String(Number(value.toPrecision(6))));
    return short.length === 1 ? short[0]! : `[${short.join(', ')}]`;
  };
  return `(x − ${list(mean)}) ÷ ${list(std)}, by ${plain(from)}`;
}

/** What a file says may be anything: no Markdown, no end of a table's cell. */
function plain(text: string): string {
  return text
    .slice(0, 200)
    .replaceAll(/[\\`*_{}[\]()#+!|<>~$]/g, '\\$&')
    .replaceAll(/\s+/g, ' ');
}
