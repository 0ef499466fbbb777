/**
 * What the choice of formats, codecs and zeros loses of trained float weights at a budget, before any fine-tuning: nats by
 * `east/objective.ts` over bytes as they are really stored, shares of the dense int8 weights. ResNet-8's float weights of
 * MLPerf Tiny, its DS-CNN's int8 weights as numbers, and MediaPipe's face detector.
 *
 *   npx tsx bench/static.ts [label | table]
 *
 * Needs ../shared/models (or $EAST_SHARED). Writes what it measured under the label (`now`) to bench/results/static.json,
 * beside what is there of other versions, and the table to docs/measurements.md; `table` does the latter alone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codecsSet, withCodecs, type CodecSetting } from '../src/core/codecs/choice';
import { chooseCandidates } from '../src/core/east/choose-formats';
import { possibleFormats } from '../src/core/east/possible-formats';
import { byteMasks } from '../src/core/east/select';
import { trainedFormats } from '../src/core/formats/fits';
import { channelOf, weightCount, weightedLayers, weightOrder } from '../src/core/graph/graph';
import { loadModelFile } from '../src/core/models/model-files';
import { planMemory } from '../src/core/plan/memory';
import { formatCandidate } from '../src/core/train/loop/pruning';
import { initialParameters } from '../src/core/train/pass/parameters';
import { idealLosses } from './lib/ideal-coder';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const models = join(process.env['EAST_SHARED'] ?? join(root, '../shared'), 'models');
const file = join(root, 'bench/results/static.json');
const NOW = 'now';
const label = process.argv[2] ?? NOW;

const NETWORKS = {
  'ResNet-8': 'mlperf_tiny_resnet8_float.tflite',
  'DS-CNN': 'mlperf_tiny_dscnn_int8.tflite',
  'face detection': 'mediapipe_face_detection_short_range.tflite',
} as const;
const SHARES = [50, 33, 25, 20, 15, 10, 7, 5];
/** Beyond them, so that what `auto` takes for a loss lies between what was measured. */
const [ABOVE, BELOW] = [60, 4];
/** Codec and bits: all that there is, the usual codec alone, and what the paper has. */
const SETTINGS: readonly (readonly [name: string, codec: CodecSetting, weights: 'auto' | 8])[] = [
  ['auto', 'auto', 'auto'],
  ['LZ4', 'lz4', 'auto'],
  ['int8 + LZ4', 'lz4', 8],
];

/** A coder that takes just the entropy of the codes (lib/ideal-coder.ts). */
const IDEAL = 'ideal';

interface Result {
  readonly network: string;
  readonly setting: string;
  /** Percent of the dense int8 weights. */
  readonly share: number;
  readonly bytes: number;
  readonly nats: number;
  readonly seconds: number;
  /** Format and codec of each layer. */
  readonly picks: readonly string[];
}

async function measure(network: string, name: string): Promise<Result[]> {
  const { graph, weights = {} } = await loadModelFile(join(models, name));
  const parameters = initialParameters(graph, 1);
  for (const layer of weightedLayers(graph)) {
    const found = weights[layer.name]?.weights;
    if (found === undefined) throw new Error(`${name} has no weights of ${layer.name}`);
    parameters.get(layer.name)!.weights.set(found);
  }
  const { tileWeights } = planMemory(graph);
  const dense = weightedLayers(graph).reduce((sum, layer) => sum + weightCount(layer), 0);
  const budgets = SHARES.map((share) => Math.floor((share / 100) * dense));
  const losses = idealLosses(
    weightedLayers(graph).map((layer) => {
      const order = weightOrder(layer);
      return {
        weights: parameters.get(layer.name)!.weights,
        channels: order.channels,
        channelOf: (i: number) => channelOf(order, i),
      };
    }),
    budgets,
  );
  const ideal = losses.map((loss, i): Result => {
    const [share, bytes] = [SHARES[i]!, budgets[i]!];
    console.log(network, IDEAL, `${share} %`, bytes, loss);
    return {
      network,
      setting: IDEAL,
      share,
      bytes,
      nats: Number(loss.toFixed(4)),
      seconds: 0,
      picks: [],
    };
  });
  const chosen = SETTINGS.flatMap(([setting, codec, bits]) => {
    const codecs = codecsSet(codec);
    const possible = withCodecs(
      trainedFormats(possibleFormats(graph, { weights: bits }, true, codecs)),
      codecs,
      bits === 'auto',
    );
    const layers = weightedLayers(graph).map((layer) =>
      possible[layer.name]!.map((format) =>
        formatCandidate(layer, parameters, tileWeights[layer.name]!, format),
      ),
    );
    const shares = setting === 'auto' ? [ABOVE, ...SHARES, BELOW] : SHARES;
    return shares.map((share): Result => {
      const start = performance.now();
      const budget = Math.floor((share / 100) * dense);
      const { picks, distortion, storedBytes } = chooseCandidates(layers, budget, byteMasks.east);
      const result = {
        network,
        setting,
        share,
        bytes: storedBytes,
        nats: Number(distortion.toFixed(4)),
        seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
        picks: weightedLayers(graph).map(({ name: layer }, l) => {
          const { id, codec: by = 'lz4' } = possible[layer]![picks[l]!]!;
          return `${layer} ${id} ${by}`;
        }),
      };
      console.log(network, setting, `${share} %`, storedBytes, result.nats, `${result.seconds} s`);
      return result;
    });
  });
  return [...ideal, ...chosen];
}

interface Recorded {
  readonly command: string;
  readonly versions: Readonly<Record<string, readonly Result[]>>;
}

async function measured(): Promise<Recorded> {
  const recorded: Recorded = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Recorded)
    : { command: 'npx tsx bench/static.ts', versions: {} };
  if (label === 'table') return recorded;
  const results: Result[] = [];
  for (const [network, name] of Object.entries(NETWORKS)) {
    results.push(...(await measure(network, name)));
  }
  const all = { ...recorded, versions: { ...recorded.versions, [label]: results } };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

const { versions } = await measured();

/** ResNet-8's loss by a coder of the same kind that was measured before this project had one, and apart from its code. */
const ECSQ = [0.029, 0.192, 0.487, 0.909, 1.654, 3.146, 5.039, 7.503];

function lossOf(
  version: string,
  network: string,
  setting: string,
  share: number,
): Result | undefined {
  return versions[version]?.find(
    (r) => r.network === network && r.setting === setting && r.share === share,
  );
}

/** Bytes that `auto` takes for so small a loss, between what was measured. */
function bytesFor(network: string, nats: number): number | undefined {
  const points = (versions[NOW] ?? [])
    .filter((r) => r.network === network && r.setting === 'auto')
    .map((r) => ({ nats: r.nats, bytes: r.bytes }));
  const i = points.findIndex((point) => point.nats >= nats);
  const [low, high] = [points[i - 1], points[i]];
  if (low === undefined || high === undefined) return undefined;
  const t = Math.log(nats / low.nats) / Math.log(high.nats / low.nats);
  return low.bytes * (high.bytes / low.bytes) ** t;
}

const cell = (r: Result | undefined): string => (r === undefined ? '–' : r.nats.toFixed(3));
fillMeasured(
  root,
  'static',
  markdownTable(
    [
      'network',
      'budget',
      ...SETTINGS.map(([name]) => name),
      'auto before',
      'ECSQ',
      'bytes for its loss',
      'ideal',
      'bytes for its loss',
    ],
    Object.keys(NETWORKS).flatMap((network) =>
      SHARES.map((share, i) => {
        const best = lossOf(NOW, network, IDEAL, share);
        const ecsq = network === 'ResNet-8' ? ECSQ[i] : undefined;
        const ofBudget = (nats: number): string => {
          const bytes = bytesFor(network, nats);
          return bytes && best ? `${((100 * bytes) / best.bytes).toFixed(1)} %` : '–';
        };
        return [
          network,
          `${share} %`,
          ...SETTINGS.map(([name]) => cell(lossOf(NOW, network, name, share))),
          cell(lossOf('before', network, 'auto', share)),
          ...(ecsq === undefined ? ['', ''] : [ecsq.toFixed(3), ofBudget(ecsq)]),
          cell(best),
          best ? ofBudget(best.nats) : '–',
        ];
      }),
    ),
  ),
);
