/** One connection to a background process: typed requests, everything that comes in checked, errors in our words. */
import { connect, type Socket } from 'node:net';
import * as v from 'valibot';
import {
  CancellationTokenSource,
  createMessageConnection,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { UserError } from '../../core/util/errors';
import {
  isNotification,
  NOTIFICATIONS,
  PROTOCOL_VERSION,
  REQUESTS,
  USER_ERROR,
  userErrorData,
  type NotificationName,
  type Params,
  type Payload,
  type RequestName,
  type Result,
  type WorkerFile,
} from '../../protocol/worker';
import { defined } from '../../core/util/defined';

/** A process that does not answer the greeting in this time is stuck, milliseconds. */
const GREETING_MS = 10_000;

export type NotificationListener = <Name extends NotificationName>(
  name: Name,
  payload: Payload<Name>,
) => void;

export interface ConnectionEvents {
  readonly onNotification: NotificationListener;
  readonly onClose: () => void;
}

/**
 * Of the other side's end, all requests are told when the socket closes. The library throws what it cannot write where
 * nobody can catch it.
 */
class Writer extends SocketMessageWriter {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super(socket);
    this.#socket = socket;
  }

  override async write(message: Message): Promise<void> {
    try {
      await super.write(message);
    } catch {
      this.#socket.destroy();
    }
  }
}

/** The background process has hung up, or never answered. */
export class ConnectionLost extends UserError {}

export class WorkerConnection {
  readonly #connection: MessageConnection;
  #closed = false;

  private constructor(
    private readonly socket: Socket,
    /** Of EAST, as the other side says. */
    public workerVersion: string,
    events: ConnectionEvents,
  ) {
    this.#connection = createMessageConnection(new SocketMessageReader(socket), new Writer(socket));
    this.#connection.onError(() => socket.destroy());
    this.#connection.onNotification((method: string, params: unknown) => {
      if (isNotification(method)) deliver(method, params, events.onNotification);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      this.#connection.dispose();
      events.onClose();
    });
    this.#connection.listen();
  }

  /** Throws ConnectionLost where nobody listens or the token is not theirs. */
  static async open(
    file: WorkerFile,
    version: string,
    events: ConnectionEvents,
  ): Promise<WorkerConnection> {
    const socket = await openSocket(file.socket);
    const connection = new WorkerConnection(socket, file.version, events);
    const late = setTimeout(() => socket.destroy(), GREETING_MS);
    try {
      const { token } = file;
      const params = { token, version, protocol: PROTOCOL_VERSION };
      const answer = await connection.request('initialize', params);
      connection.workerVersion = answer.version;
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Throws UserError as the other side did, ConnectionLost, or Error for an answer that cannot be understood. */
  async request<Name extends RequestName>(
    name: Name,
    params: Params<Name>,
    signal?: AbortSignal,
  ): Promise<Result<Name>> {
    const source = new CancellationTokenSource();
    const cancel = (): void => source.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (this.#closed) throw lost();
      const answer = await this.#connection.sendRequest<unknown>(name, params, source.token);
      const schema: v.GenericSchema<unknown, Result<Name>> = REQUESTS[name].result;
      return v.parse(schema, answer);
    } catch (error) {
      throw this.#explain(name, error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  close(): void {
    this.socket.end();
    this.#connection.dispose();
  }

  #explain(name: string, error: unknown): unknown {
    if (error instanceof UserError) return error;
    if (error instanceof ResponseError && error.code === USER_ERROR) {
      const where = v.safeParse(userErrorData, error.data);
      return new UserError(error.message, {
        ...(where.success ? withoutUndefined(where.output) : {}),
        cause: error,
      });
    }
    if (error instanceof v.ValiError) {
      return new Error(`the background process gave a wrong answer to ${name}: ${error.message}`);
    }
    return this.#closed || !(error instanceof ResponseError) ? lost(error) : error;
  }
}

function lost(cause?: unknown): ConnectionLost {
  return new ConnectionLost('the background process has ended unexpectedly; try again', { cause });
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      done(socket);
    });
    socket.once('error', (error) => failed(lost(error)));
  });
}

function deliver<Name extends NotificationName>(
  name: Name,
  params: unknown,
  listener: NotificationListener,
): void {
  const schema: v.GenericSchema<unknown, Payload<Name>> = NOTIFICATIONS[name];
  const payload = v.safeParse(schema, params);
  if (payload.success) listener(name, payload.output);
}

function withoutUndefined(where: v.InferOutput<typeof userErrorData>): {
  file?: string;
  line?: number;
  column?: number;
} {
  const { file, line, column } = where;
  return {
    ...defined({ file, line, column }),
  };
}
