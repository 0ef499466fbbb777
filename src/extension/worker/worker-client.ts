/**
 * The editor's end of one workspace's background process: finds the one that is there or starts one, and connects again
 * when it has gone. Knows nothing of VS Code.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../core/util/file-errors';
import { lockOwner } from '../../core/run/lock';
import { workerPaths, type WorkerPaths } from '../../core/run/worker-paths';
import { UserError } from '../../core/util/errors';
import {
  workerFile,
  type Params,
  type RequestName,
  type Result,
  type WorkerFile,
} from '../../protocol/worker';
import { ConnectionLost, WorkerConnection, type NotificationListener } from './worker-connection';
import { elapsedMs } from '../../core/util/clock';
import { readStored } from '../../core/util/stored-file';

/**
 * One that takes longer than this to answer will not do so any more, milliseconds. A new one may first have to see for half
 * of that that the lock of one on another computer is held by nobody.
 */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;
/** After this long without a sign of life another one is started, milliseconds. */
const LAUNCH_AGAIN_MS = 5000;

/** A process that lives and listens does not refuse for so long, milliseconds. */
const REFUSED_MS = 5000;
/** Then a lock that is held is held by who took it (core/run/lock.ts). */
const STARTS_ARE_KNOWN = process.platform === 'linux';

/** What also a process of another version understands and may do. */
const STABLE: ReadonlySet<RequestName> = new Set(['queue/get', 'run/stop', 'shutdown']);

export interface ClientOptions {
  readonly workspace: string;
  /** Of this EAST. */
  readonly version: string;
  /** Starts the process; throws UserError. */
  readonly launch: () => Promise<void>;
  readonly onNotification: NotificationListener;
  /** The connection has ended, whoever ended it. */
  readonly onClose: () => void;
  /** A process of another version is at work, and will be left alone until it has ended. */
  readonly onOtherVersion: (version: string) => void;
}

export class WorkerClient {
  readonly #paths: WorkerPaths;
  #connection: WorkerConnection | undefined;
  #connecting: Promise<WorkerConnection> | undefined;
  #toldOf: string | undefined;
  #disposed = false;

  constructor(private readonly options: ClientOptions) {
    this.#paths = workerPaths(join(options.workspace, '.east'));
  }

  /** Starts the process where none is there. Throws UserError. */
  async request<Name extends RequestName>(
    name: Name,
    params: Params<Name>,
    signal?: AbortSignal,
  ): Promise<Result<Name>> {
    const connection = await this.#connect();
    const { workerVersion } = connection;
    if (workerVersion !== this.options.version && !STABLE.has(name)) {
      throw new UserError(
        `EAST ${workerVersion} is still training here, and this is EAST ${this.options.version}; wait until it has finished, or stop it`,
      );
    }
    return connection.request(name, params, signal);
  }

  /** Connects to the process that is there; whether there is one. For a window that has just been opened. */
  async attach(): Promise<boolean> {
    if (lockOwner(this.#paths.lock) === undefined) return false;
    const file = this.#readFile();
    if (file === undefined) return false;
    try {
      await this.#connect();
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#connection?.close();
  }

  #connect(): Promise<WorkerConnection> {
    if (this.#connection !== undefined && !this.#connection.closed) {
      const connection = this.#connection;
      if (connection.workerVersion === this.options.version) return Promise.resolve(connection);
    }
    this.#connecting ??= this.#findOrStart().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #findOrStart(): Promise<WorkerConnection> {
    const deadline = elapsedMs() + PATIENCE_MS;
    let launched = -Infinity;
    let replaced = false;
    let refusedSince: number | undefined;
    let last: unknown;
    while (elapsedMs() < deadline && !this.#disposed) {
      const owner = lockOwner(this.#paths.lock);
      if (owner?.here === false) {
        throw new UserError(
          `the background process of this folder runs on the computer ${owner.host}, or in a container there; end it there first`,
          { file: this.#paths.lock },
        );
      }
      if (owner === undefined) {
        if (elapsedMs() - launched > LAUNCH_AGAIN_MS) {
          await this.options.launch();
          launched = elapsedMs();
        }
      } else {
        const file = this.#readFile();
        if (file?.pid === owner.pid) {
          try {
            const connection = await this.#open(file);
            // One of another version is sent away, but not again and again: a mixed-up installation stays mixed up.
            if (replaced || !(await this.#sendAway(connection))) return connection;
            replaced = true;
            launched = -Infinity;
          } catch (error) {
            // Just ending, perhaps.
            if (!(error instanceof ConnectionLost)) throw error;
            last = error;
            refusedSince = nobodyListens(error) ? (refusedSince ?? elapsedMs()) : undefined;
            // Where a process's start is not known, another one may have got the number of one that was killed.
            const refused = refusedSince !== undefined && elapsedMs() - refusedSince > REFUSED_MS;
            if (refused && !STARTS_ARE_KNOWN) {
              rmSync(this.#paths.lock, { force: true });
            }
          }
        }
      }
      await delay(POLL_MS);
    }
    throw new UserError('the background process does not answer; its log may say why', {
      file: this.#paths.log,
      cause: last,
    });
  }

  async #open(file: WorkerFile): Promise<WorkerConnection> {
    const old = this.#connection;
    const connection = old !== undefined && !old.closed ? old : await this.#dial(file);
    this.#connection = connection;
    return connection;
  }

  /** Ends a process of another version unless it is at work; whether it does. */
  async #sendAway(connection: WorkerConnection): Promise<boolean> {
    const { workerVersion } = connection;
    if (workerVersion === this.options.version) return false;
    const queue = await connection.request('queue/get', {});
    if (queue.running === undefined && queue.queued.length === 0) {
      try {
        await connection.request('shutdown', {});
        return true;
      } catch (error) {
        // It hung up before it had answered, which is what was asked for.
        if (error instanceof ConnectionLost) return true;
        // Sources are being written or verified for another window.
        if (!(error instanceof UserError)) throw error;
      }
    }
    if (this.#toldOf !== workerVersion) {
      this.#toldOf = workerVersion;
      this.options.onOtherVersion(workerVersion);
    }
    return false;
  }

  async #dial(file: WorkerFile): Promise<WorkerConnection> {
    const { version, onNotification, onClose } = this.options;
    // It may end before it is known here.
    const dialled: { connection?: WorkerConnection } = {};
    dialled.connection = await WorkerConnection.open(file, version, {
      onNotification,
      onClose: () => {
        if (dialled.connection === undefined || this.#disposed) return;
        if (this.#connection === dialled.connection) this.#connection = undefined;
        onClose();
      },
    });
    return dialled.connection;
  }

  /** undefined where it is not written yet, or just gone. */
  #readFile(): WorkerFile | undefined {
    return readStored(workerFile, this.#paths.worker, 'note');
  }
}

function nobodyListens({ cause }: ConnectionLost): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes(errorCode(cause) ?? '');
}
