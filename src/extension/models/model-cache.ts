/**
 * What is known of model files: the background process reads them, each again only when it has changed. Knows nothing of
 * VS Code.
 */
import { marksHold } from '../../core/models/file-mark';
import { checkGraph } from '../../core/graph/stored-graph';
import { defined } from '../../core/util/defined';
import { UserError } from '../../core/util/errors';
import type { Result } from '../../protocol/worker';
import type { KnownModel } from '../services';

type Reading = Result<'model/read'>;

/** Whoever reads files; throws UserError where it cannot be asked. */
export type Reader = (file: string, workspace: string, signal?: AbortSignal) => Promise<Reading>;

interface Underway {
  readonly reading: Promise<KnownModel>;
  readonly stop: AbortController;
  /** Who asked and has not given up. */
  waiting: number;
}

/** More than a window has configs open. */
const MOST_KNOWN = 32;

export class ModelCache {
  readonly #known = new Map<
    string,
    { readonly marks: Reading['marks']; readonly model: KnownModel }
  >();
  readonly #underway = new Map<string, Underway>();

  constructor(private readonly ask: Reader) {}

  /** As far as it need not be read for that. */
  known(file: string): KnownModel | undefined {
    const entry = this.#known.get(file);
    return entry !== undefined && holds(entry.marks) ? entry.model : undefined;
  }

  /**
   * Those who ask for a file while it is read wait for the same reading, which ends before its time only when all of them
   * have given up.
   *
   * @throws UserError as the reader does, and the signal's reason when aborted
   */
  async read(file: string, workspace: string, signal?: AbortSignal): Promise<KnownModel> {
    const known = this.known(file);
    if (known !== undefined) return known;
    signal?.throwIfAborted();
    const underway = this.#underway.get(file) ?? this.#begin(file, workspace);
    underway.waiting++;
    if (signal === undefined) return underway.reading;
    return new Promise((done, failed) => {
      const leave = (): void => {
        underway.waiting--;
        if (underway.waiting === 0) {
          this.#end(file, underway);
          underway.stop.abort(signal.reason);
        }
        failed(asError(signal.reason));
      };
      signal.addEventListener('abort', leave, { once: true });
      const stay = (): void => signal.removeEventListener('abort', leave);
      underway.reading.then(done, failed).finally(stay);
    });
  }

  #begin(file: string, workspace: string): Underway {
    const stop = new AbortController();
    const reading = this.#read(file, workspace, stop.signal);
    const underway = { reading, stop, waiting: 0 };
    this.#underway.set(file, underway);
    const end = (): void => this.#end(file, underway);
    reading.then(end, end);
    return underway;
  }

  #end(file: string, underway: Underway): void {
    if (this.#underway.get(file) === underway) this.#underway.delete(file);
  }

  async #read(file: string, workspace: string, signal: AbortSignal): Promise<KnownModel> {
    const reading = await this.ask(file, workspace, signal);
    const model = knownOf(reading);
    this.#known.delete(file);
    if (Object.keys(reading.marks).length > 0) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined && this.#known.size >= MOST_KNOWN) this.#known.delete(oldest);
      this.#known.set(file, { marks: reading.marks, model });
    }
    return model;
  }
}

function knownOf({ facts, network, problem }: Reading): KnownModel {
  if (network === undefined) {
    return { ...defined({ facts }), problem: problem ?? 'its network cannot be computed here' };
  }
  const graph = checkGraph(network.graph);
  if ('problem' in graph) {
    throw new Error(`the background process told of a network that is none: ${graph.problem}`);
  }
  const { int8, sha256 } = network;
  return { ...defined({ facts }), network: { graph: graph.value, int8, sha256 } };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function holds(marks: Reading['marks']): boolean {
  try {
    return marksHold(Object.entries(marks));
  } catch (error) {
    // A folder in its place, say.
    if (error instanceof UserError) return false;
    throw error;
  }
}
