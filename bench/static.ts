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
import { weightCount, weightedLayers } from '../src/core/graph/graph';
import { loadModelFile } from '../src/core/models/model-files';
import { planMemory } from '../src/core/plan/memory';
import { formatCandidate } from '../src/core/train/loop/pruning';
import { initialParameters } from '../src/core/train/pass/parameters';
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
/** Codec and bits: all that there is, the usual codec alone, and what the paper has. */
const SETTINGS: readonly (readonly [name: string, codec: CodecSetting, weights: 'auto' | 8])[] = [
  ['auto', 'auto', 'auto'],
  ['LZ4', 'lz4', 'auto'],
  ['int8 + LZ4', 'lz4', 8],
];

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
  return SETTINGS.flatMap(([setting, codec, bits]) => {
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
    return SHARES.map((share): Result => {
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

/**
 * ResNet-8's loss by an ideal coder at the same budgets: one step a layer, codes chosen by error and λ times their bits, sizes
 * counted as the entropy of each layer's codes and 1 % and a byte for each level; measured apart from this project's code.
 */
const IDEAL = [0.029, 0.192, 0.487, 0.909, 1.654, 3.146, 5.039, 7.503];

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

/** Percent of the dense bytes that `auto` takes for so small a loss, between what was measured. */
function shareFor(nats: number): number | undefined {
  const points = (versions[NOW] ?? [])
    .filter(({ network, setting }) => network === 'ResNet-8' && setting === 'auto')
    .map((r) => ({ nats: r.nats, bytes: r.bytes }));
  const i = points.findIndex((point) => point.nats >= nats);
  const [low, high] = [points[i - 1], points[i]];
  if (low === undefined || high === undefined) return undefined;
  const t = Math.log(nats / low.nats) / Math.log(high.nats / low.nats);
  return low.bytes * (high.bytes / low.bytes) ** t;
}

const dense = 77360;
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
      'ideal',
      'bytes for its loss',
    ],
    Object.keys(NETWORKS).flatMap((network) =>
      SHARES.map((share, i) => {
        const ideal = network === 'ResNet-8' ? IDEAL[i]! : undefined;
        const bytes = ideal === undefined ? undefined : shareFor(ideal);
        return [
          network,
          `${share} %`,
          ...SETTINGS.map(([name]) => cell(lossOf(NOW, network, name, share))),
          cell(lossOf('before', network, 'auto', share)),
          ideal === undefined ? '' : ideal.toFixed(3),
          bytes === undefined ? '' : `${((100 * bytes) / ((share / 100) * dense)).toFixed(1)} %`,
        ];
      }),
    ),
  ),
);
