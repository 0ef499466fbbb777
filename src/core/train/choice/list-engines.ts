/** Which engines there are on this machine, why one is not, and how fast each trains. */
import { buildGraph } from '../../graph/build';
import { architectureLayers } from '../../models/architectures';
import { defaultShards, describeTeam, openTeam } from '../shards/open-team';
import type { EngineName } from '../engines/engine';
import { openCpuEngine } from '../engines/cpu-engine';
import { trainingSpeed } from './measure';
import { openNativeEngine } from '../engines/native-engine';
import { openWasmEngine } from '../engines/wasm-engine';
import { openWebgpuEngine } from '../engines/webgpu-engine';

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

/** The fastest first, as a rule. With `measure` a few seconds for each. */
export async function listEngines(measure: boolean): Promise<EngineEntry[]> {
  return [await webgpu(measure), await native(measure), await wasm(measure), await cpu(measure)];
}

async function webgpu(measure: boolean): Promise<EngineEntry> {
  const found = await openWebgpuEngine();
  if (!('engine' in found)) return missing('webgpu', 'start', found);
  // Without a GPU one step would take longer than the measurement is meant to.
  return entry(found.engine, measure && found.hardware, 128);
}

async function native(measure: boolean): Promise<EngineEntry> {
  const found = await openNativeEngine();
  if (!('engine' in found)) return missing('native', 'load', found);
  return entry(found.engine, measure, 128);
}

function missing(
  engine: EngineName,
  fails: string,
  { found, reason }: { readonly found: boolean; readonly reason: string },
): EngineEntry {
  return {
    engine,
    available: false,
    description: found
      ? `it does not ${fails}: ${reason}`
      : `not installed; "east engine install ${engine}" installs it`,
    imagesPerSecond: null,
  };
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
      imagesPerSecond: measure ? await trainingSpeed(team, graph, batchSize, MEASURED_MS) : null,
    };
  } finally {
    await team.close();
  }
}
