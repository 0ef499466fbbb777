/** Which engines there are on this machine, why one is not, and how fast each trains. */
import { buildGraph } from '../../graph/build';
import { architectureLayers } from '../../graph/architectures';
import { createRandom } from '../../util/random';
import { Network } from '../network';
import { createOptimizer } from '../optimizer';
import { initialParameters } from '../parameters';
import { defaultShards, describeTeam, openTeam } from '../shards/open-team';
import type { EngineName } from './engine';
import { openCpuEngine } from './cpu-engine';
import { openNativeEngine } from './native-engine';
import { openWasmEngine } from './wasm-engine';

export interface EngineEntry {
  readonly engine: EngineName;
  readonly available: boolean;
  /** What it is, or why it is not there. */
  readonly description: string;
  /** Training steps of a small ResNet on 32×32×3 images; null where it was not measured. */
  readonly imagesPerSecond: number | null;
}

/** Width of the network that is measured: the middle of what firmware takes. */
const WIDTH = 8;
const INPUT = [32, 32, 3] as const;
const CLASSES = 10;
const MEASURED_MS = 2000;

/** In the order in which `auto` prefers them. With `measure` a few seconds for each. */
export async function listEngines(measure: boolean): Promise<EngineEntry[]> {
  return [await native(measure), await wasm(measure), await cpu(measure)];
}

async function native(measure: boolean): Promise<EngineEntry> {
  const found = await openNativeEngine();
  if (!('engine' in found)) {
    return {
      engine: 'native',
      available: false,
      description: found.found
        ? `it does not load: ${found.reason}`
        : 'not installed; "east engine install native" installs it',
      imagesPerSecond: null,
    };
  }
  return entry(found.engine, measure, 128);
}

async function wasm(measure: boolean): Promise<EngineEntry> {
  return entry(await openWasmEngine(), measure, 128);
}

async function cpu(measure: boolean): Promise<EngineEntry> {
  return entry(await openCpuEngine(), measure, 1);
}

async function entry(
  engine: Awaited<ReturnType<typeof openWasmEngine>>,
  measure: boolean,
  batchSize: number,
): Promise<EngineEntry> {
  const graph = buildGraph({
    input: INPUT,
    classes: CLASSES,
    layers: architectureLayers('resnet8', INPUT, CLASSES, WIDTH),
  });
  // As a run with this batch size would choose it.
  const shards = defaultShards(engine.name, batchSize);
  const team = await openTeam(engine, graph, batchSize, measure ? shards : 1);
  try {
    return {
      engine: engine.name,
      available: true,
      description: describeTeam(engine, { shards }),
      imagesPerSecond: measure
        ? await speed(new Network(team, graph, initialParameters(graph, 1)), batchSize)
        : null,
    };
  } finally {
    await team.close();
  }
}

async function speed(network: Network, batchSize: number): Promise<number> {
  const random = createRandom(1);
  const size = INPUT[0] * INPUT[1] * INPUT[2];
  const batch = {
    x: Float32Array.from({ length: batchSize * size }, () => random.normal()),
    y: Int32Array.from({ length: batchSize }, () => random.int(CLASSES)),
  };
  const optimizer = createOptimizer({ optimizer: 'adam', momentum: 0.9, weightDecay: 0 });
  const step = (n: number): Promise<unknown> =>
    network.step(batch, {
      optimizer,
      optimizerStep: n,
      rate: 1e-3,
      labelSmoothing: 0,
      freezePruned: false,
    });
  // The first step compiles and allocates.
  await step(1);
  const start = performance.now();
  let steps = 0;
  while (steps === 0 || performance.now() - start < MEASURED_MS) await step(++steps + 1);
  return (steps * batchSize * 1000) / (performance.now() - start);
}
