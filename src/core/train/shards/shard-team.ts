/**
 * Data-parallel training: every batch is split over threads, each with a WASM engine of its own, parameters and
 * gradients in shared memory. Results are put together in the order of the shards, never in that of their arrival, so
 * they depend on the number of shards and not on timing.
 */
import type { Worker } from 'node:worker_threads';
import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import { startThread } from '../../util/start-thread';
import type { Engine } from '../engines/engine';
import type { LayerArrays, PassOptions, PassResult } from '../pass';
import { runPass } from '../pass';
import { combineShards } from './combine-shards';
import type { SharedInputs, SharedOutputs } from './shard-memory';
import { allocateInputs, allocateOutputs, batchView, copyLayers, layerViews } from './shard-memory';
import type { ShardAnswer, ShardSetup, ShardTask } from './shard-worker';
import type { Team } from './team';

export interface ShardTeamOptions {
  /** Computes the first shard, in this thread. */
  readonly engine: Engine;
  readonly graph: Graph;
  /** Examples in the largest batch. */
  readonly batchSize: number;
  /** 2 … batchSize */
  readonly shards: number;
}

export type StartShardThread = (setup: ShardSetup) => Promise<Worker>;

/** Starts the threads and waits until their engines are ready. Rejects with the cause where one does not start. */
export async function startShardTeam(
  options: ShardTeamOptions,
  start: StartShardThread = startShardThread,
): Promise<Team> {
  const { engine, graph, batchSize, shards } = options;
  if (!Number.isInteger(shards) || shards < 2 || shards > batchSize) {
    throw new RangeError(`a batch of ${batchSize} cannot be split into ${shards} shards`);
  }
  const inputs = allocateInputs(graph, batchSize);
  const members = Array.from(
    { length: shards - 1 },
    () => new Member({ inputs, outputs: allocateOutputs(graph, batchSize) }, start),
  );
  const team = new ShardTeam(engine, inputs, members);
  try {
    await Promise.all(members.map((member) => member.ready()));
  } catch (error) {
    await team.close();
    throw error;
  }
  return team;
}

function startShardThread(setup: ShardSetup): Promise<Worker> {
  return startThread(
    {
      name: 'training',
      bundle: './shard-worker.mjs',
      caller: import.meta.url,
      source: './shard-worker.ts',
    },
    setup,
  );
}

class ShardTeam implements Team {
  readonly #layers: LayerArrays[];
  readonly #folded: LayerArrays[];

  constructor(
    private readonly engine: Engine,
    private readonly inputs: SharedInputs,
    private readonly members: readonly Member[],
  ) {
    this.#layers = layerViews(inputs.graph, inputs.layers, false);
    this.#folded = layerViews(inputs.graph, inputs.layers, true);
  }

  get shards(): number {
    return this.members.length + 1;
  }

  async run(
    layers: readonly LayerArrays[],
    batch: Batch,
    options: PassOptions,
  ): Promise<PassResult> {
    const examples = batch.y.length;
    if (examples > this.inputs.capacity) {
      throw new RangeError(
        `a batch of ${examples} for a team that expects ${this.inputs.capacity}`,
      );
    }
    const shared = batchView(this.inputs, 0, examples);
    shared.x.set(batch.x);
    shared.y.set(batch.y);
    const parameters = options.kind === 'logits' ? this.#folded : this.#layers;
    copyLayers(layers, parameters);
    const bounds = Array.from({ length: this.shards + 1 }, (_, s) =>
      Math.ceil((s * examples) / this.shards),
    );
    // Fewer examples than shards leave some of them empty, never the first.
    const tasks = bounds
      .slice(1)
      .map((end, s) => ({ first: bounds[s]!, count: end - bounds[s]!, options }));
    // All threads have their task before this one begins its own.
    const others = this.members.flatMap((member, i) => {
      const task = tasks[i + 1]!;
      return task.count > 0 ? [{ examples: task.count, result: member.run(task) }] : [];
    });
    // Whoever fails first is reported below; the others' failures are no unhandled ones.
    for (const { result } of others) result.catch(() => undefined);
    const own = tasks[0]!;
    const ownBatch = batchView(this.inputs, 0, own.count);
    const { engine, inputs } = this;
    const results = [
      { examples: own.count, result: runPass(engine, inputs.graph, parameters, ownBatch, options) },
    ];
    for (const { examples, result } of others) results.push({ examples, result: await result });
    return combineShards(results);
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }
}

interface Awaited {
  readonly resolve: (answer: ShardAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, and what it was asked for. When it dies, every pending and later request rejects with the cause. */
class Member {
  readonly #outputs: SharedOutputs;
  readonly #gradients: readonly LayerArrays[];
  readonly #classes: number;
  readonly #thread: Promise<Worker>;
  readonly #ready: Promise<ShardAnswer>;
  #running: Worker | undefined;
  #awaited: Awaited | undefined;
  #failure: Error | undefined;

  constructor(setup: ShardSetup, start: StartShardThread) {
    const { graph } = setup.inputs;
    this.#outputs = setup.outputs;
    this.#gradients = layerViews(graph, setup.outputs.gradients, false);
    this.#classes = graph.classes;
    this.#ready = this.#answer();
    this.#ready.catch(() => undefined);
    this.#thread = start(setup).then((thread) => this.#listen(thread));
    this.#thread.catch((error: unknown) => this.#fail(error));
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  async run(task: ShardTask): Promise<PassResult> {
    const answer = this.#answer();
    // At once: what the caller does next keeps its thread busy.
    if (this.#failure === undefined) this.#running?.postMessage(task);
    const result = await answer;
    if (result === 'ready') throw new Error('a training thread started twice');
    return {
      ...result,
      gradients: task.options.kind === 'gradients' ? this.#gradients : [],
      logits: new Float32Array(this.#outputs.logits, 0, task.count * this.#classes),
    };
  }

  async close(): Promise<void> {
    this.#fail(new Error('training is over'));
    const thread = await this.#thread.catch(() => undefined);
    await thread?.terminate();
  }

  #answer(): Promise<ShardAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      else if (this.#awaited !== undefined) reject(new Error('one pass at a time'));
      else this.#awaited = { resolve, reject };
    });
  }

  #listen(thread: Worker): Worker {
    this.#running = thread;
    thread.on('message', (answer: ShardAnswer) => {
      const awaited = this.#awaited;
      this.#awaited = undefined;
      awaited?.resolve(answer);
    });
    thread.on('error', (error) => this.#fail(error));
    thread.on('messageerror', (error) => this.#fail(error));
    thread.on('exit', (code) => this.#fail(new Error(`it exited with code ${code}`)));
    return thread;
  }

  /** The first failure counts: an error is followed by an exit. */
  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new Error(`a training thread has ended: ${reason}`, { cause });
    this.#awaited?.reject(this.#failure);
    this.#awaited = undefined;
  }
}
