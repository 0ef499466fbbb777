/**
 * Data-parallel training: every batch is split over threads, each with a WASM engine of its own, parameters and
 * gradients in shared memory. Results are put together in the order of the shards, never in that of their arrival, so
 * they depend on the number of shards and not on timing. What is done with the parameters before and after a pass is
 * split by channels.
 */
import type { Worker } from 'node:worker_threads';
import type { Batch } from '../../dataset/dataset';
import { namedFormat } from '../../formats/fits';
import type { Graph } from '../../graph/graph';
import { outputChannels, outputSize } from '../../graph/graph';
import { startThread } from '../../util/start-thread';
import type { ChannelPart, Update } from '../pass/channel-parts';
import { channelParts, prepareChannels, updateChannels } from '../pass/channel-parts';
import type { Engine } from '../engines/engine';
import type { GradientPass, LayerArrays, PassOptions, PassResult } from '../pass/pass';
import { runPass } from '../pass/pass';
import type { ShardResult } from './combine-shards';
import { combineShards } from './combine-shards';
import type { SharedInputs, SharedTraining } from './shard-memory';
import {
  allocateInputs,
  allocateOutputs,
  batchView,
  copyLayers,
  layerViews,
  sameTraining,
  shardGradients,
  shareTraining,
} from './shard-memory';
import type {
  PassTask,
  PrepareTask,
  ShardAnswer,
  ShardSetup,
  ShardTask,
  TrainTask,
  UpdateTask,
} from './shard-worker';
import type { StepResult, Team, Training } from './team';

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
  const outputs = Array.from({ length: shards }, () => allocateOutputs(graph, batchSize));
  const gradients = outputs.map((output) => layerViews(graph, output.gradients, false));
  const members = outputs.slice(1).map(({ logits }, i) => {
    const shard = i + 1;
    const results = { gradients: gradients[shard]!, logits: new Float32Array(logits) };
    return new Member({ inputs, outputs, shard }, results, start);
  });
  const team = new ShardTeam(engine, inputs, gradients, members);
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
  /** Of this thread. */
  readonly #channels: readonly ChannelPart[];
  #shared: SharedTraining | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly inputs: SharedInputs,
    /** In shared memory, of each shard. */
    private readonly gradients: readonly (readonly LayerArrays[])[],
    private readonly members: readonly Member[],
  ) {
    this.#layers = layerViews(inputs.graph, inputs.layers, false);
    this.#folded = layerViews(inputs.graph, inputs.layers, true);
    this.#channels = channelParts(inputs.graph, this.shards)[0]!;
  }

  get shards(): number {
    return this.members.length + 1;
  }

  async run(
    layers: readonly LayerArrays[],
    batch: Batch,
    options: PassOptions,
  ): Promise<PassResult> {
    this.#check(batch);
    copyLayers(layers, options.kind === 'logits' ? this.#folded : this.#layers);
    this.#shareBatch(batch);
    return combineShards(await this.#pass(batch, options));
  }

  async step(
    training: Training,
    batch: Batch,
    options: Omit<GradientPass, 'kind'>,
    update: Update,
  ): Promise<StepResult> {
    this.#check(batch);
    await this.#prepare(training, batch, options.quantization !== undefined);
    const results = await this.#pass(batch, { kind: 'gradients', ...options });
    copyLayers(results[0]!.result.gradients, this.gradients[0]!);
    await this.#update(training, batch.examples, update);
    const withoutGradients = results.map(({ examples, result }) => {
      return { examples, result: { ...result, gradients: [] } };
    });
    const { loss, logits, statistics, ranges } = combineShards(withoutGradients);
    return { loss, logits, statistics, ranges };
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }

  /** Each thread writes its part of the parameters to the inputs. */
  async #prepare(training: Training, batch: Batch, quantized: boolean): Promise<void> {
    const shared = shareTraining(training);
    if (this.#shared === undefined || !sameTraining(this.#shared, shared)) {
      this.#shared = shared;
      for (const member of this.members) member.tell({ kind: 'train', training: shared });
    }
    const { layers } = training;
    const formats = quantized
      ? layers.map(({ parameters: { format } }) => namedFormat(format))
      : undefined;
    await this.#together({ kind: 'prepare', formats }, () => {
      this.#shareBatch(batch);
      // A layer that is not fitted channel by channel, or not by the format's own fit, this thread does alone.
      const own = this.#channels.filter(({ layer }) => formats?.[layer] !== null);
      formats?.forEach((format, layer) => {
        const end = outputChannels(layers[layer]!.layer);
        if (format === null) own.push({ layer, first: 0, end });
      });
      prepareChannels(layers, own, quantized, this.#layers);
    });
  }

  /** Each thread updates its part of the parameters. */
  async #update({ layers, optimizer }: Training, examples: number, update: Update): Promise<void> {
    const shares = this.#split(examples).map(({ count }) => count / examples);
    await this.#together({ kind: 'update', shares, update }, () => {
      optimizer.beginStep(update.optimizerStep);
      const shards = shardGradients(this.gradients, shares);
      updateChannels(layers, this.#channels, shards, optimizer, update);
    });
  }

  async #together(task: PrepareTask | UpdateTask, own: () => void): Promise<void> {
    // All threads have their task before this one begins its own.
    const others = this.members.map((member) => member.work(task));
    // Whoever fails first is reported below; the others' failures are no unhandled ones.
    for (const other of others) other.catch(() => undefined);
    own();
    for (const other of others) await other;
  }

  #check({ examples }: Batch): void {
    const { capacity } = this.inputs;
    if (examples > capacity) {
      throw new RangeError(`a batch of ${examples} for a team that expects ${capacity}`);
    }
  }

  /** This thread has its own examples already. */
  #shareBatch(batch: Batch): void {
    const { count } = this.#split(batch.examples)[0]!;
    const others = part(batch, count, batch.examples - count);
    const shared = batchView(this.inputs, count, others.examples, targetSize(batch));
    shared.x.set(others.x);
    shared.y.set(others.y);
  }

  /** Each shard's examples of a batch. Fewer of them than shards leave some empty, never the first. */
  #split(examples: number): { first: number; count: number }[] {
    return Array.from({ length: this.shards }, (_, s) => {
      const [first, end] = [s, s + 1].map((n) => Math.ceil((n * examples) / this.shards));
      return { first: first!, count: end! - first! };
    });
  }

  /** Over the batch and the parameters in shared memory: what each shard of at least one example gives. */
  async #pass(batch: Batch, options: PassOptions): Promise<ShardResult[]> {
    const tasks = this.#split(batch.examples).map((examples): PassTask => ({
      kind: 'pass',
      ...examples,
      targetSize: targetSize(batch),
      options,
    }));
    const others = this.members.flatMap((member, i) => {
      const task = tasks[i + 1]!;
      return task.count > 0 ? [{ examples: task.count, result: member.pass(task) }] : [];
    });
    for (const { result } of others) result.catch(() => undefined);
    const { engine, inputs } = this;
    const { count } = tasks[0]!;
    const parameters = options.kind === 'logits' ? this.#folded : this.#layers;
    const own = runPass(engine, inputs.graph, parameters, part(batch, 0, count), options);
    const results: ShardResult[] = [{ examples: count, result: own }];
    for (const { examples, result } of others) results.push({ examples, result: await result });
    return results;
  }
}

/** Examples `first` … `first + count − 1`, in the batch's own memory. */
function part(batch: Batch, first: number, count: number): Batch {
  const rows = (values: Float32Array): Float32Array => {
    const size = values.length / batch.examples;
    return values.subarray(first * size, (first + count) * size);
  };
  return { examples: count, x: rows(batch.x), y: rows(batch.y) };
}

/** Numbers that go with one example. */
function targetSize({ examples, y }: Batch): number {
  return y.length / examples;
}

interface Awaited {
  readonly resolve: (answer: ShardAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, and what it was asked for. When it dies, every pending and later request rejects with the cause. */
class Member {
  readonly #thread: Promise<Worker>;
  readonly #ready: Promise<ShardAnswer>;
  readonly #outputs: number;
  #running: Worker | undefined;
  #awaited: Awaited | undefined;
  #failure: Error | undefined;

  constructor(
    setup: ShardSetup,
    /** Where its results lie, in shared memory. */
    private readonly results: Pick<PassResult, 'gradients' | 'logits'>,
    start: StartShardThread,
  ) {
    this.#outputs = outputSize(setup.inputs.graph);
    this.#ready = this.#answer();
    this.#ready.catch(() => undefined);
    this.#thread = start(setup).then((thread) => this.#listen(thread));
    this.#thread.catch((error: unknown) => this.#fail(error));
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  tell(task: TrainTask): void {
    this.#running?.postMessage(task);
  }

  async work(task: PrepareTask | UpdateTask): Promise<void> {
    const answer = await this.#ask(task);
    if (answer !== 'done') throw new Error('a training thread answered something else');
  }

  async pass(task: PassTask): Promise<PassResult> {
    const answer = await this.#ask(task);
    if (typeof answer === 'string') throw new Error('a training thread answered something else');
    const { gradients, logits } = this.results;
    return {
      ...answer,
      gradients: task.options.kind === 'gradients' ? gradients : [],
      logits: logits.subarray(0, task.count * this.#outputs),
    };
  }

  async close(): Promise<void> {
    this.#fail(new Error('training is over'));
    const thread = await this.#thread.catch(() => undefined);
    await thread?.terminate();
  }

  #ask(task: ShardTask): Promise<ShardAnswer> {
    const answer = this.#answer();
    // At once: what the caller does next keeps its thread busy.
    if (this.#failure === undefined) this.#running?.postMessage(task);
    return answer;
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
