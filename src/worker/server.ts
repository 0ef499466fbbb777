/**
 * The socket of the background process. Whoever connects must show the token first; whatever else arrives, even garbage,
 * costs that connection and nothing more.
 */
import { timingSafeEqual } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import * as v from 'valibot';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { mendable } from '../core/util/file-errors';
import {
  isRequest,
  REQUESTS,
  USER_ERROR,
  type NotificationName,
  type Params,
  type Payload,
  type RequestName,
  type Result,
} from '../protocol/worker';

/** Time to show the token in, milliseconds, and how many bytes that may take. */
const GREETING_MS = 10_000;
const GREETING_BYTES = 64 * 1024;

export interface Caller {
  notify<Name extends NotificationName>(name: Name, payload: Payload<Name>): void;
  /** Aborted when the caller cancels the request or its connection ends. */
  readonly signal: AbortSignal;
}

/** Answers to all requests; what is thrown is told to the caller. */
export type Handlers = {
  readonly [Name in RequestName]: (
    params: Params<Name>,
    caller: Caller,
  ) => Promise<Result<Name>> | Result<Name>;
};

export interface ServerEvents {
  /** The number of connections with a token has changed. */
  onConnections(count: number): void;
  /** A fault of ours, for the log. */
  onFault(what: string): void;
}

export class WorkerServer {
  readonly #server: Server;
  readonly #open = new Set<MessageConnection>();
  readonly #sockets = new Set<Socket>();

  constructor(
    private readonly token: string,
    private readonly handlers: Handlers,
    private readonly events: ServerEvents,
  ) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(path, () => done());
    });
    this.#server.on('error', (error) => this.events.onFault(`socket: ${error.message}`));
    // Its folder is private already.
    if (process.platform !== 'win32') chmodSync(path, 0o600);
  }

  notifyAll<Name extends NotificationName>(name: Name, payload: Payload<Name>): void {
    for (const connection of this.#open) notify(connection, name, payload);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.end();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const connection = createMessageConnection(
      new SocketMessageReader(socket),
      new SocketMessageWriter(socket),
    );
    const gone = new AbortController();
    const hangUp = (): void => void socket.destroy();
    const greeting = setTimeout(hangUp, GREETING_MS);
    const onData = (): void => {
      if (socket.bytesRead > GREETING_BYTES) hangUp();
    };
    socket.on('data', onData);
    socket.on('error', hangUp);
    socket.on('close', () => {
      clearTimeout(greeting);
      gone.abort(new Error('the connection has ended'));
      this.#sockets.delete(socket);
      connection.dispose();
      if (this.#open.delete(connection)) this.events.onConnections(this.#open.size);
    });
    connection.onError(hangUp);
    connection.onUnhandledNotification(() => {
      if (!this.#open.has(connection)) hangUp();
    });
    connection.onRequest(async (method: string, params: unknown, token: CancellationToken) => {
      if (!this.#open.has(connection)) {
        if (method !== 'initialize' || !this.#isToken(params)) {
          hangUp();
          return null;
        }
        clearTimeout(greeting);
        socket.off('data', onData);
        this.#open.add(connection);
        this.events.onConnections(this.#open.size);
      }
      return this.#answer(connection, method, params, token, gone.signal);
    });
    connection.listen();
  }

  async #answer(
    connection: MessageConnection,
    method: string,
    params: unknown,
    token: CancellationToken,
    gone: AbortSignal,
  ): Promise<unknown> {
    if (!isRequest(method)) {
      return new ResponseError(ErrorCodes.MethodNotFound, `there is no request ${method}`);
    }
    const cancelled = new AbortController();
    token.onCancellationRequested(() => cancelled.abort(new Error('cancelled')));
    const caller: Caller = {
      notify: (name, payload) => notify(connection, name, payload),
      signal: AbortSignal.any([gone, cancelled.signal]),
    };
    try {
      return await this.#call(method, params, caller);
    } catch (error) {
      if (caller.signal.aborted) return new ResponseError(CANCELLED, 'cancelled');
      const known = mendable(error);
      if (known !== undefined) {
        const { message, file, line, column } = known;
        return new ResponseError(USER_ERROR, message, { file, line, column });
      }
      if (error instanceof v.ValiError) {
        return new ResponseError(ErrorCodes.InvalidParams, `${method}: ${error.message}`);
      }
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.events.onFault(`${method}: ${what}`);
      const message = error instanceof Error ? error.message : String(error);
      return new ResponseError(ErrorCodes.InternalError, message);
    }
  }

  async #call<Name extends RequestName>(
    name: Name,
    params: unknown,
    caller: Caller,
  ): Promise<Result<Name>> {
    const handler: Handlers[Name] = this.handlers[name];
    return handler(parseParams(name, params), caller);
  }

  #isToken(params: unknown): boolean {
    const parsed = v.safeParse(REQUESTS.initialize.params, params);
    if (!parsed.success) return false;
    const [given, wanted] = [Buffer.from(parsed.output.token), Buffer.from(this.token)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

/** JSON-RPC's code for a request that its caller has taken back. */
const CANCELLED = -32800;

function parseParams<Name extends RequestName>(name: Name, params: unknown): Params<Name> {
  const schema: v.GenericSchema<unknown, Params<Name>> = REQUESTS[name].params;
  return v.parse(schema, params);
}

function notify<Name extends NotificationName>(
  connection: MessageConnection,
  name: Name,
  payload: Payload<Name>,
): void {
  // Whoever has hung up needs to know nothing.
  connection.sendNotification(name, payload).catch(() => undefined);
}
