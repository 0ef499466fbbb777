/**
 * The LZ4 encoder against the reference tool's optimal parser (`lz4 -12`) and lz4js, block by block: layers of published
 * networks, whole and pruned, layers that this project trained, and random, sparse and adversarial data.
 *
 *   npx tsx bench/encoder.ts [--runs WORKSPACE]
 *
 * Writes bench/results/encoder.json and the table of docs/measurements.md. Needs the `lz4` tool and ../shared/models (or $EAST_SHARED);
 * the trained layers are those of the finished runs of WORKSPACE, such as the --work folder of `npm run bench:methods`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import lz4js from 'lz4js';
import { prunedSymbols } from '../src/core/east/stored-bytes';
import { selectEast, selectMagnitude } from '../src/core/east/select';
import { encodeBlock } from '../src/core/codecs/lz4/encode';
import { WEIGHT_FORMATS, type WeightFormat } from '../src/core/formats/formats';
import { formatCount, formatPercent } from '../src/core/report/format';
import { createRandom } from '../src/core/util/random';
import { sparseWeights, testBlocks } from '../test/unit/codecs/lz4/blocks';
import { toolSize } from '../test/unit/codecs/lz4/lz4-tool';
import { fillMeasured } from './lib/measured';
import { packedTiles, pruningLayers, publishedModels, trainedModels } from './lib/weight-corpus';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({ options: { runs: { type: 'string' } } });
const MIB = 1 << 20;

interface Family {
  readonly name: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly optimal: number;
  readonly lz4Tool: number;
  readonly lz4js: number;
  /** Blocks that are smaller than the tool's, and larger. */
  readonly smaller: number;
  readonly larger: number;
}

const families: Family[] = [];
const published = publishedModels(root);

compare(
  'published int8 networks as they are',
  published.flatMap(({ model }) =>
    pruningLayers(model, 'int8').flatMap(({ symbols, tileSymbols }) =>
      tilesOf(symbols, tileSymbols),
    ),
  ),
);
for (const format of WEIGHT_FORMATS) {
  compare(`the same, pruned, ${format}`, prunedTiles(format));
}
const trained = options.runs === undefined ? [] : trainedModels(options.runs);
if (trained.length > 0) {
  compare(
    'trained by this project',
    trained.flatMap(({ encoded }) => packedTiles(encoded)),
  );
}
compare(
  'random, sparse and adversarial',
  testBlocks().map(({ bytes }) => bytes),
);
const large = mebibytes();
compare(
  'the same kinds, 1 MiB each',
  large.map(({ bytes }) => bytes),
);
const speed = large.map(({ name, bytes }) => {
  const seconds = [0, 1, 2].map(() => {
    const started = process.cpuUsage();
    encodeBlock(bytes);
    return process.cpuUsage(started).user / 1e6;
  });
  const row = { name, seconds: Number(seconds.sort((a, b) => a - b)[1]!.toFixed(2)) };
  console.log(`${row.seconds} s for 1 MiB of ${name}`);
  return row;
});

mkdirSync(join(root, 'bench/results'), { recursive: true });
writeFileSync(
  join(root, 'bench/results/encoder.json'),
  `${JSON.stringify(
    {
      machine: `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
      runs: trained.map(({ name }) => name),
      families,
      // Processor time, median of three.
      speed,
    },
    null,
    2,
  )}\n`,
);
const head =
  '| blocks | number | bytes | EAST | lz4 -12 | lz4js | smaller, equal, larger than lz4 -12 |';
const rows = families.map(
  ({ name, blocks, bytes, optimal, lz4Tool, lz4js: greedy, smaller, larger }) =>
    [
      name,
      formatCount(blocks),
      formatCount(bytes),
      ...[optimal, lz4Tool, greedy].map((n) => formatPercent(n / bytes, 2)),
      [smaller, blocks - smaller - larger, larger].map(formatCount).join(', '),
    ].join(' | '),
);
const slowest = speed.reduce((a, b) => (b.seconds > a.seconds ? b : a));
fillMeasured(
  root,
  'encoder',
  [
    head,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
    `1 MiB in one block takes ${Math.min(...speed.map(({ seconds }) => seconds))} to ${slowest.seconds} s of processor time (longest: ${slowest.name}).`,
  ].join('\n'),
);

function compare(name: string, blocks: readonly Uint8Array[]): void {
  let [bytes, optimal, lz4Tool, greedy, smaller, larger] = [0, 0, 0, 0, 0, 0];
  for (const block of blocks) {
    // An empty block is one token, and what would grow is stored raw, by the tool as in the blob.
    const raw = Math.max(1, block.length);
    const ours = Math.min(raw, encodeBlock(block).length);
    const tools = toolSize(block);
    bytes += block.length;
    optimal += ours;
    lz4Tool += tools;
    greedy += Math.min(raw, greedySize(block));
    if (ours < tools) smaller++;
    if (ours > tools) larger++;
  }
  families.push({
    name,
    blocks: blocks.length,
    bytes,
    optimal,
    lz4Tool,
    lz4js: greedy,
    smaller,
    larger,
  });
  console.log(JSON.stringify(families.at(-1)));
}

/** Infinity where lz4js cannot make it smaller. */
function greedySize(block: Uint8Array): number {
  const out = new Uint8Array(block.length + Math.ceil(block.length / 255) + 16);
  const size = lz4js.compressBlock(block, out, 0, block.length, new Uint32Array(1 << 16));
  return size === 0 ? Infinity : size;
}

/** Each published network pruned by two methods to three budgets. */
function prunedTiles(format: WeightFormat): Uint8Array[] {
  return published.flatMap(({ model }) => {
    const layers = pruningLayers(model, format);
    const dense = layers.reduce((sum, { symbols }) => sum + symbols.length, 0);
    return [0.75, 0.5, 0.25].flatMap((share) =>
      [selectEast, selectMagnitude].flatMap((select) => {
        const { masks } = select(layers, Math.floor(share * dense));
        return layers.flatMap(({ symbols, tileSymbols }, l) =>
          tilesOf(prunedSymbols(symbols, masks[l]!), tileSymbols),
        );
      }),
    );
  });
}

function tilesOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let start = 0;
  return lengths.map((length) => bytes.subarray(start, (start += length)));
}

function mebibytes(): { readonly name: string; readonly bytes: Uint8Array }[] {
  const random = createRandom(5);
  const made = (byte: (i: number) => number): Uint8Array =>
    Uint8Array.from({ length: MIB }, (_, i) => byte(i));
  let [a, b] = ['a', 'ab'];
  while (b.length < MIB) [a, b] = [b, b + a];
  return [
    ...[0, 0.5, 0.8, 0.9, 0.95].map((zeros) => ({
      name: `weights, ${formatPercent(zeros, 0)} zero`,
      bytes: sparseWeights(MIB, zeros, 1, 9),
    })),
    { name: 'weights, 80 % zero by 8', bytes: sparseWeights(MIB, 0.8, 8, 9) },
    { name: 'noise', bytes: made(() => random.int(256)) },
    { name: 'bits', bytes: made(() => random.int(2)) },
    { name: 'zeros', bytes: new Uint8Array(MIB) },
    { name: 'a Fibonacci word', bytes: Buffer.from(b.slice(0, MIB), 'latin1') },
    { name: 'a period of 1,000', bytes: made((i) => ((i % 1000) * 7919) & 255) },
  ];
}
