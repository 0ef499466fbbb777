/**
 * What `"engine": "auto"` means for a run. A GPU may be many times faster than the processor or, with a small network,
 * slower; no list of devices would say which, so the run's own network is trained on both for a moment.
 */
import type { Graph } from '../../graph/graph';
import { defaultShards, openTeam } from '../shards/open-team';
import type { Engine } from '../engines/engine';
import { trainingSpeed } from './measure';
import { openNativeEngine } from '../engines/native-engine';
import { openEngine, type EngineOptions } from '../engines/open-engine';
import { openWebgpuEngine, type WebgpuEngine } from '../engines/webgpu-engine';
import { defined } from '../../util/defined';

/** Less is within what the measurement itself varies by; then the engine that needs no driver is the better one. */
const WORTHWHILE = 1.2;
const MEASURED_MS = 1500;

export interface Choice {
  readonly graph: Graph;
  readonly batchSize: number;
  /** As the config sets it; undefined: as a run would choose it. */
  readonly shards: number | undefined;
  readonly onNote: (note: string) => void;
}

/** The engine of a new run that leaves it open, made ready. What is there but does not work is passed over, with a note. */
export async function chooseEngine(
  choice: Choice,
  options: EngineOptions = {},
  openGpu: (options: EngineOptions) => Promise<WebgpuEngine> = openWebgpuEngine,
): Promise<Engine> {
  const { onNote } = choice;
  const usual = await openEngine('auto', options);
  if (usual.name !== 'native') {
    const native = await openNativeEngine(options);
    if (!('engine' in native) && native.found) {
      onNote(
        `the native engine is not used: ${native.reason}; "east engine install native --force" installs it anew`,
      );
    }
  }
  const gpu = await openGpu(options);
  if (!('engine' in gpu)) {
    if (gpu.found) onNote(`the GPU is not used: ${gpu.reason}`);
    return reopened(usual, options);
  }
  if (!gpu.hardware) return reopened(usual, options);
  try {
    const fast = await speed(gpu.engine, choice);
    await reopened(usual, options);
    const slow = await speed(usual, choice);
    const faster = fast > WORTHWHILE * slow;
    onNote(
      `images per second: ${slow.toFixed(0)} with ${usual.name}, ${fast.toFixed(0)} with webgpu (${gpu.engine.build}); taking ${faster ? 'webgpu' : usual.name}`,
    );
    if (!faster) return usual;
    const again = await openGpu(options);
    if ('engine' in again) return again.engine;
  } catch (error) {
    onNote(`the GPU is not used: ${error instanceof Error ? error.message : String(error)}`);
  }
  return reopened(usual, options);
}

/** The active backend is one for the process: what was opened last. */
function reopened({ name, threads }: Engine, options: EngineOptions): Promise<Engine> {
  return openEngine(name, { ...options, ...defined({ threads }) });
}

async function speed(engine: Engine, { graph, batchSize, shards }: Choice): Promise<number> {
  const parts = shards ?? defaultShards(engine.name, batchSize);
  const team = await openTeam(engine, graph, batchSize, parts);
  try {
    return await trainingSpeed(team, graph, batchSize, MEASURED_MS);
  } finally {
    await team.close();
  }
}
