/**
 * `summary.json` in a run's folder: what log and recorded config amount to, so that whoever lists many runs need not read
 * and check them all. It says which log and config it is of, by sizes and times of change; of others it is not believed.
 * Anybody may have written it: it is good for lists, and what a run is done with is read where it stands.
 */
import * as v from 'valibot';
import type { ConfigKeys } from '../config/config-identity';
import { STAGES, type Measurement } from '../tasks/measurement';
import { UserError } from '../util/errors';
import { FILE_KINDS, look, textIfThere, type FileKind } from '../util/read-file';
import { checkJson, count, number, text, type Every } from '../util/stored';
import { writeFileAtomic } from './atomic-file';
import { stringifyExactly } from './container';
import { EVENT_SCHEMAS, time } from './event-schema';
import type { RunSummary } from './run-summary';

const VERSION = 1;

/** Which content of a file is meant. */
export interface FileMark {
  readonly bytes: number;
  /** When it was changed last, milliseconds. */
  readonly changed: number;
}

export interface SummarisedLog extends FileMark {
  /** How many lines cannot be read, and the number of the first, from 1; absent where all can. */
  readonly unreadable?: { readonly lines: number; readonly first: number };
  readonly summary: RunSummary;
}

/** Of a recorded config that holds what a config may. */
export interface NotedConfig extends FileMark {
  /** The config's file, relative to the workspace folder. */
  readonly file: string;
  readonly keys: ConfigKeys;
}

export interface RunNote {
  readonly log: SummarisedLog;
  readonly config: NotedConfig;
}

interface NoteFile extends RunNote {
  readonly version: typeof VERSION;
}

const summarySchema = v.object({
  startedAt: v.exactOptional(time),
  updatedAt: v.exactOptional(time),
  trainedWith: v.exactOptional(text),
  totalSteps: v.exactOptional(count),
  pid: v.exactOptional(count),
  floatFrom: v.exactOptional(text),
  step: count,
  lastStep: v.exactOptional(EVENT_SCHEMAS.step),
  lastPrune: v.exactOptional(EVENT_SCHEMAS.prune),
  measured: v.array(
    v.object({
      metric: text,
      stage: v.picklist(STAGES),
      value: number,
    } satisfies Every<Measurement>),
  ),
  end: v.nullable(v.union([EVENT_SCHEMAS.stopped, EVENT_SCHEMAS.finished, EVENT_SCHEMAS.failed])),
} satisfies Every<RunSummary>);

const mark = { bytes: count, changed: number };

const schema: v.GenericSchema<unknown, NoteFile> = v.object({
  version: v.literal(VERSION),
  log: v.object({
    ...mark,
    unreadable: v.exactOptional(v.object({ lines: count, first: count })),
    summary: summarySchema,
  } satisfies Every<SummarisedLog>),
  config: v.object({
    ...mark,
    file: text,
    keys: v.record(v.string(), text),
  } satisfies Every<NotedConfig>),
} satisfies Every<NoteFile>);

/** The file as it is now; undefined where there is none. Throws UserError where it is no plain file. */
export function markOf(file: string, kind: FileKind): FileMark | undefined {
  const stats = look(file, kind);
  return stats && { bytes: stats.size, changed: stats.mtimeMs };
}

/** What is noted; undefined where nothing is, or what is of another log or config, or cannot be believed. */
export function readNote(file: string, log: FileMark, config: FileMark): RunNote | undefined {
  try {
    const content = textIfThere(file, 'summary');
    if (content === undefined) return undefined;
    const checked = checkJson(schema, content);
    if ('problem' in checked) return undefined;
    const note = checked.value;
    return isSame(note.log, log) && isSame(note.config, config) ? note : undefined;
  } catch (error) {
    // A link or a device in its place: log and config themselves tell as much.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** One does without: what cannot be written (a full disk) is read from log and config again. */
export function writeNote(file: string, note: RunNote): void {
  const content = stringifyExactly({ ...note, version: VERSION } satisfies NoteFile, file);
  if (Buffer.byteLength(content) > FILE_KINDS.summary.mostBytes) return;
  try {
    writeFileAtomic(file, `${content}\n`, { folder: 'there' });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

export function isSame(a: FileMark, b: FileMark): boolean {
  return a.bytes === b.bytes && a.changed === b.changed;
}
