/**
 * The meter example at its own budget in other settings: the paper's (int8 weights, LZ4), and dense weights of one bit, the
 * fewest that there are without pruning or encoding. All from one float network.
 *
 *   npm run build && node examples/meter/draw.mjs && npx tsx bench/meter-settings.ts
 *
 * Writes bench/results/meter-settings.json and the table in README.md.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from '../src/core/report/report';
import { formatBytes, formatPercent } from '../src/core/report/format';
import { valueAt } from '../src/core/tasks/measurement';
import { east } from './lib/east-command';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const example = join(root, 'examples/meter');
const text = readFileSync(join(example, 'meter.east.json'), 'utf8');
const OWN = '"east": { "codec": "auto" },';
const SETTINGS = [
  ['EAST, everything chosen (the example)', OWN],
  [
    'int8 and LZ4, the paper\u2019s setting',
    '"quantization": { "weights": 8 }, "east": { "codec": "lz4" },',
  ],
  ['dense, one bit a weight', '"quantization": { "weights": 1 }, "east": { "method": "dense" },'],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'east-bench-meter-'));
const results: { readonly setting: string; readonly report: Report }[] = [];
try {
  cpSync(join(example, 'data'), join(folder, 'data'), { recursive: true });
  for (const [setting, sections] of SETTINGS) {
    if (!text.includes(OWN)) throw new Error('the example does not say its codec any more');
    const dense = sections.includes('"dense"');
    const config = text
      .replace(OWN, sections)
      .replace('"weights": "10%"', dense ? '"weights": "100%"' : '"weights": "10%"')
      .replace(/, "linkerScript": "[^"]*"/, '');
    writeFileSync(join(folder, 'meter.east.json'), config);
    east(folder, 'run', 'meter.east.json');
    const report = JSON.parse(east(folder, 'report', 'meter.east.json', '--json')) as Report;
    console.log(setting, valueAt(report.measured, 'fitted'), report.flash.weights);
    results.push({ setting, report });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
writeFileSync(
  join(root, 'bench/results/meter-settings.json'),
  `${JSON.stringify({ command: 'npx tsx bench/meter-settings.ts', results }, null, 2)}\n`,
);
fillMeasured(
  root,
  'meter-settings',
  markdownTable(
    ['the meter example', 'weights', 'zeros', 'digits right'],
    [
      ...results.map(({ setting, report }) => [
        setting,
        formatBytes(report.flash.weights),
        formatPercent(report.sparsity),
        formatPercent(valueAt(report.measured, 'fitted')),
      ]),
      [
        'dense int8, not squeezed',
        formatBytes(results[0]!.report.denseBytes),
        '',
        formatPercent(valueAt(results[0]!.report.measured, 'quantized')),
      ],
    ],
  ),
);
