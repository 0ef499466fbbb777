/**
 * Trains a network for a few steps on made-up images and prints, as JSON, how long that took: one process of
 * bench/training.ts. The sources come from any checkout, so that two versions can be held against each other.
 *
 *   node --import tsx bench/lib/training-steps.ts '{"root": …, "network": "resnet9", "quantized": false, …}'
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as enginesModule from '../../src/core/train/engines/open-engine';
import type * as networksModule from '../../src/core/train/shards/network';
import type * as parametersModule from '../../src/core/train/pass/parameters';
import type * as optimizersModule from '../../src/core/train/pass/optimizer';
import type * as rangesModule from '../../src/core/train/pass/ranges';
import type * as architecturesModule from '../../src/core/models/architectures';
import type * as builderModule from '../../src/core/graph/build';
import type * as graphsModule from '../../src/core/graph/graph';
import type * as randomModule from '../../src/core/util/random';
import type * as batchesModule from '../../src/core/dataset/batches';
import type * as pruningModule from '../../src/core/train/loop/pruning';
import type * as teamsModule from '../../src/core/train/shards/open-team';
import type { Batch } from '../../src/core/dataset/dataset';
import type { Ranges } from '../../src/core/train/pass/ranges';
import {
  NETWORKS,
  type NetworkName,
  type Measurement,
  type StepsRequest,
} from './training-networks';

const request: StepsRequest = JSON.parse(process.argv[2]!);
const { root, shards, batchSize, steps, warmUp } = request;

/** Where a module lies: the first of the paths that is there, since older sources have it elsewhere. */
function core(...paths: readonly string[]): string {
  const files = paths.map((path) => join(root, 'src/core', path));
  return pathToFileURL(files.find((file) => existsSync(file)) ?? files[0]!).href;
}

const engines: typeof enginesModule = await import(core('train/engines/open-engine.ts'));
const networks: typeof networksModule = await import(
  core('train/shards/network.ts', 'train/network.ts')
);
const parameters: typeof parametersModule = await import(
  core('train/pass/parameters.ts', 'train/parameters.ts')
);
const optimizers: typeof optimizersModule = await import(
  core('train/pass/optimizer.ts', 'train/optimizer.ts')
);
const ranges: typeof rangesModule = await import(core('train/pass/ranges.ts', 'train/ranges.ts'));
const architectures: typeof architecturesModule = await import(
  core('models/architectures.ts', 'graph/architectures.ts')
);
const builder: typeof builderModule = await import(core('graph/build.ts'));
const graphs: typeof graphsModule = await import(core('graph/graph.ts'));
const random: typeof randomModule = await import(core('util/random.ts'));

const engine = await engines.openEngine(request.engine);
const { architecture, input, classes, width } = NETWORKS[request.network satisfies NetworkName];
const graph = builder.buildGraph({
  input,
  classes,
  layers: architectures.architectureLayers(architecture, input, classes, width),
});

/** The engine, and the team around it where the sources know teams: networks of either version take it. */
const team = await (async () => {
  if (!existsSync(join(root, 'src/core/train/shards/open-team.ts'))) {
    const run = (): never => {
      throw new Error('these sources know no teams');
    };
    return { ...engine, shards: 1, run, step: run, close: () => Promise.resolve() };
  }
  const teams: typeof teamsModule = await import(core('train/shards/open-team.ts'));
  const opened = await teams.openTeam(engine, graph, batchSize, shards);
  return {
    ...engine,
    shards: opened.shards,
    run: opened.run.bind(opened),
    step: opened.step.bind(opened),
    close: opened.close.bind(opened),
  };
})();

const batch = randomBatch();
const weights = parameters.initialParameters(graph, 1);
const network = new networks.Network(team, graph, weights);
const optimizer = optimizers.createOptimizer({ optimizer: 'adam', momentum: 0.9, weightDecay: 0 });
const observed: Ranges = new Map();
await network.infer(batch, undefined, observed);
const quantization = request.quantized
  ? ranges.tensorQuantizations(graph, observed, { scale: 0.03, zeroPoint: 0 })
  : undefined;
const kinds = new Map<string, number>();
// A kernel of the GPU only issues commands.
if (shards === 1 && request.engine !== 'webgpu') {
  timeKernels();
  timeOptimizer();
}

let done = 0;
const warm = performance.now() + 1000 * warmUp;
do await step(++done);
while (performance.now() < warm);
kinds.clear();
const cpu = process.cpuUsage();
const stepMilliseconds: number[] = [];
for (let n = 1; n <= steps; n++) {
  const start = performance.now();
  await step(done + n);
  stepMilliseconds.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(cpu);
const result: Measurement = {
  stepMilliseconds,
  processorMilliseconds: (user + system) / 1000 / steps,
  peakMemory: process.resourceUsage().maxRSS * 1024,
  flopsPerImage: flops(),
  kinds: Object.fromEntries([...kinds].map(([kind, ms]) => [kind, ms / steps])),
  ...(request.around
    ? { around: { data: await timeData(), selection: await timeSelection() } }
    : {}),
};
console.log(JSON.stringify(result));
await team.close();
// Dawn's threads would keep the process.
if (request.engine === 'webgpu') process.exit();

async function step(n: number): Promise<void> {
  await network.step(batch, {
    optimizer,
    optimizerStep: n,
    rate: 1e-3,
    loss: { task: 'classification', labelSmoothing: 0 },
    // Sources from before there were tasks.
    ...{ labelSmoothing: 0 },
    freezePruned: false,
    ...(quantization ? { quantization } : {}),
  });
}

function randomBatch(): Batch {
  const generator = random.createRandom(1);
  const size = input[0] * input[1] * input[2];
  return {
    examples: batchSize,
    x: Float32Array.from({ length: batchSize * size }, () => generator.normal()),
    y: Float32Array.from({ length: batchSize }, () => generator.int(classes)),
  };
}

/** Multiplications and additions of convolutions and dense layers, forward and backward. */
function flops(): number {
  return graphs.weightedLayers(graph).reduce((sum, layer) => {
    const pixels = layer.outputShape[0] * layer.outputShape[1];
    // A depthwise weight meets each pixel once, like any other.
    return sum + 3 * 2 * pixels * graphs.weightCount(layer);
  }, 0);
}

/** Wraps the kernels of the engine in use, so that the time of each kind adds up. */
function timeKernels(): void {
  const { tf } = engine;
  const backend = tf.getBackend();
  for (const kernel of tf.getKernelsForBackend(backend)) {
    const kind = kindOf(kernel.kernelName);
    tf.unregisterKernel(kernel.kernelName, backend);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (call) => {
        const from = performance.now();
        const out = kernel.kernelFunc(call);
        kinds.set(kind, (kinds.get(kind) ?? 0) + performance.now() - from);
        return out;
      },
    });
  }
}

function timeOptimizer(): void {
  const update = optimizer.update.bind(optimizer);
  optimizer.update = (...args) => {
    const from = performance.now();
    update(...args);
    kinds.set('optimiser', (kinds.get('optimiser') ?? 0) + performance.now() - from);
  };
}

/** Of pictures as CIFAR-10 has them, mirrored and shifted. */
async function timeData(): Promise<number> {
  const batches: typeof batchesModule = await import(core('dataset/batches.ts'));
  const count = 20 * batchSize;
  const generator = random.createRandom(2);
  const size = input[0] * input[1] * input[2];
  const data = Uint8Array.from({ length: count * size }, () => generator.int(256));
  const targets = Float32Array.from({ length: count }, () => generator.int(classes));
  const source = new batches.BatchSource({
    samples: {
      count,
      shape: input,
      data,
      targets,
      // What sources from before there were tasks have in their place.
      ...{ labels: Uint16Array.from(targets) },
    },
    normalization: { kind: 'uint8', mean: [128], std: [64] },
    augmentation: { flip: true, shift: 4, noise: 0 },
    batchSize,
    seed: 1,
  });
  source.make(0);
  const from = performance.now();
  for (let n = 1; n <= 10; n++) source.make(n);
  return (performance.now() - from) / 10;
}

/** One of those that follow the first, as most do; there is one in so many steps. */
async function timeSelection(): Promise<number> {
  const pruning: typeof pruningModule = await import(
    core('train/loop/pruning.ts', 'train/pruning.ts')
  );
  const tiles = Object.fromEntries(
    graphs.weightedLayers(graph).map((layer) => [layer.name, [graphs.weightCount(layer)]]),
  );
  const dense = Object.values(tiles).reduce((sum, [count = 0]) => sum + count, 0);
  const config = {
    method: 'east',
    group: 8,
    interval: 20,
    freeze: 0.6,
    encoder: 'optimal',
    codec: 'lz4',
  } as const;
  const choose = (
    last: Parameters<typeof pruning.select>[3],
  ): ReturnType<typeof pruning.select> => {
    const layers = pruning.selectionLayers(graph, weights, tiles, false);
    const chosen = pruning.select(layers, Math.floor(dense / 4), config, last);
    pruning.applyMasks(graph, weights, chosen.masks);
    return chosen;
  };
  const first = choose({});
  const from = performance.now();
  choose(first);
  return (performance.now() - from) / config.interval;
}

function kindOf(kernel: string): string {
  if (/Conv2D|MatMul|DepthwiseConv/.test(kernel)) {
    if (/BackpropInput/.test(kernel)) return 'input gradient';
    return /BackpropFilter/.test(kernel) ? 'filter gradient' : 'convolution';
  }
  if (/BatchNorm/.test(kernel)) return 'batch norm';
  if (/FakeQuantize|MinMax/.test(kernel)) return 'fake quantisation';
  return /Pool/.test(kernel) ? 'pooling' : 'other kernels';
}
