/**
 * What the editor and the background process say to each other (JSON-RPC over a private socket), and the two files by
 * which they find each other. Types and validation only; both sides check what they are given.
 */
import * as v from 'valibot';
import { modelReading } from './model-reading';

/** Raised when a message changes its meaning. `initialize`, `queue/get`, `run/stop`, `shutdown` must stay as they are. */
export const PROTOCOL_VERSION = 1;

/** JSON-RPC error code of what the user can mend; anything else is a bug of ours. */
export const USER_ERROR = 1;

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const pid = v.pipe(v.number(), v.integer(), v.minValue(1));
const none = v.object({});

/** `.east/worker.json`, readable by the user alone: where the background process of the workspace listens. */
export const workerFile = v.object({
  protocol: count,
  /** Of EAST. */
  version: text,
  pid,
  /** Name of its computer: a folder may be shared between several. */
  host: text,
  /** Path of a Unix socket, or name of a Windows pipe. */
  socket: text,
  /** Secret that every connection must begin with, 64 hexadecimal digits. */
  token: text,
});
export type WorkerFile = v.InferOutput<typeof workerFile>;

/**
 * What the background process is doing; also in `.east/queue.json`, so that any window knows it without asking. Only to
 * be believed while process `worker` holds the worker's lock.
 */
export const queueState = v.object({
  worker: pid,
  running: v.optional(
    v.object({
      runId: text,
      /** Absent until its process has started. */
      pid: v.optional(pid),
      stopping: v.boolean(),
    }),
  ),
  /** Ids of the runs that wait, next first. */
  queued: v.array(text),
});
export type QueueState = v.InferOutput<typeof queueState>;

/** `exit.json` in a run's folder: why its process ended without a word in the log. */
export const exitNote = v.object({
  /** ISO 8601; of no interest any more once the log has later events. */
  time: text,
  /** When the process began. After all events of the log: what these say of an end is not about this process. */
  began: v.optional(text),
  /**
   * Bytes of the run's log when the process began and when it had ended, which tell the same whatever the clock was set
   * to meanwhile; absent in notes of earlier versions.
   */
  log: v.optional(v.object({ began: count, ended: count })),
  cause: text,
});
export type ExitNote = v.InferOutput<typeof exitNote>;

/** Training leaves the processor to the editor (`low`), or takes its full share. */
export const priority = v.picklist(['low', 'normal']);
export type Priority = v.InferOutput<typeof priority>;

const sourceChange = v.object({
  name: text,
  change: v.picklist(['added', 'changed', 'unchanged', 'removed']),
  linesAdded: count,
  linesRemoved: count,
});

const checkResult = v.variant('status', [
  v.object({ status: v.literal('passed') }),
  v.object({ status: v.literal('failed'), message: text }),
  v.object({ status: v.literal('skipped'), missing: text, install: text }),
]);

export const REQUESTS = {
  /** The first request of a connection; the other side hangs up after anything else or a wrong token. */
  initialize: {
    params: v.object({ token: text, version: text, protocol: count }),
    result: v.object({ version: text, protocol: count, pid, queue: queueState }),
  },
  'queue/get': { params: none, result: queueState },
  'run/start': {
    params: v.object({ configFile: text, priority }),
    result: v.object({ runId: text }),
  },
  'run/resume': { params: v.object({ runId: text, priority }), result: none },
  'run/stop': { params: v.object({ runId: text }), result: none },
  'sources/generate': {
    params: v.object({ configFile: text, runId: v.optional(text), force: v.boolean() }),
    result: v.object({ runId: text, directory: text, files: v.array(sourceChange) }),
  },
  'sources/verify': {
    /** `progress` comes back in the notes about it. */
    params: v.object({ configFile: text, runId: v.optional(text), progress: text }),
    result: v.object({
      ok: v.boolean(),
      targets: v.array(
        v.object({
          name: text,
          result: checkResult,
          inputs: count,
          figures: v.array(v.tuple([text, text])),
        }),
      ),
    }),
  },
  /** Of a model file in the workspace folder, without its weights; what is wrong with it is part of the answer. */
  'model/read': { params: v.object({ file: text }), result: modelReading },
  /** Refused while a run is running or queued, or sources are being written or verified. */
  shutdown: { params: none, result: none },
} as const;

export type RequestName = keyof typeof REQUESTS;
export type Params<Name extends RequestName> = v.InferOutput<(typeof REQUESTS)[Name]['params']>;
export type Result<Name extends RequestName> = v.InferOutput<(typeof REQUESTS)[Name]['result']>;

export const NOTIFICATIONS = {
  'queue/changed': queueState,
  /** A line about a run, for people. */
  'run/note': v.object({ runId: text, text }),
  /** A line about a verification. */
  'sources/note': v.object({ progress: text, text }),
} as const;

export type NotificationName = keyof typeof NOTIFICATIONS;
export type Payload<Name extends NotificationName> = v.InferOutput<(typeof NOTIFICATIONS)[Name]>;

/** What comes with an error of code USER_ERROR: where it is. */
export const userErrorData = v.object({
  file: v.optional(text),
  line: v.optional(v.number()),
  column: v.optional(v.number()),
});

export function isRequest(method: string): method is RequestName {
  return Object.hasOwn(REQUESTS, method);
}

export function isNotification(method: string): method is NotificationName {
  return Object.hasOwn(NOTIFICATIONS, method);
}
