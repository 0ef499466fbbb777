/**
 * Trained float networks, `.east/float/<key>.ckpt`: a run with the same network, data and float settings starts from one
 * of them, so that another budget costs its own epochs only. Each is a container, written atomically; nothing is lost
 * with one that is damaged or gone but the time to train it again.
 */
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { checkSnapshot } from '../train/loop/snapshot-schema';
import type { Snapshot } from '../train/loop/training-state';
import { UserError } from '../util/errors';
import { checkStored, text, type Checked, type Every } from '../util/stored';
import { containerIfThere, writeContainer, type Container } from './container';
import { checkEvent } from './event-schema';
import type { RunEvent } from './events';
import { floatPhasesOf } from './run-paths';

/** Each has the size of a checkpoint; more than a few of them nobody goes back to. */
const KEEP = 5;
const NAME = /^[0-9a-f]{64}\.ckpt$/;

export interface FloatPhase {
  /** The run that trained it. */
  readonly run: string;
  /** The state of the training at its end: calibrated, no formats chosen yet. */
  readonly snapshot: Snapshot;
  /** What its run's log says of it: steps, not all of them, and measurements. */
  readonly events: readonly RunEvent[];
}

export class FloatPhases {
  private readonly folder: string;

  constructor(workspace: string) {
    this.folder = floatPhasesOf(workspace);
  }

  /** undefined where there is none of that key; a problem where it cannot be used. Never throws UserError. */
  load(key: string): Checked<FloatPhase> | undefined {
    const file = this.fileOf(key);
    try {
      const container = containerIfThere(file, 'checkpoint');
      if (container === undefined) return undefined;
      const checked = decode(container, key);
      if ('value' in checked) touch(file);
      return 'value' in checked ? checked : { problem: `${file}: ${checked.problem}` };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { problem: `${file}: ${error.message}` };
    }
  }

  /** Writes one, then drops all but the last few that were written or used. Throws UserError where it cannot be written. */
  keep(key: string, { run, snapshot, events }: FloatPhase): void {
    const { meta, arrays } = snapshot;
    // What comes next has an optimiser of its own.
    const kept = Object.entries(arrays).filter(([name]) => !name.startsWith('optimizer/'));
    writeContainer(this.fileOf(key), {
      meta: { version: 1, key, run, snapshot: meta, events },
      arrays: Object.fromEntries(kept),
    });
    this.dropOld();
  }

  private fileOf(key: string): string {
    return join(this.folder, `${key}.ckpt`);
  }

  private dropOld(): void {
    const files = readdirSync(this.folder)
      .filter((name) => NAME.test(name))
      .map((name) => join(this.folder, name))
      .map((file) => ({ file, used: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.used - a.used);
    for (const { file } of files.slice(KEEP)) {
      try {
        rmSync(file, { force: true });
      } catch {
        // Another process reads it, where the system minds that: the next one drops it.
      }
    }
  }
}

const metaSchema = v.object({
  version: v.literal(1),
  key: text,
  run: text,
  snapshot: v.unknown(),
  events: v.array(v.unknown()),
} satisfies Every<Omit<FloatPhase, 'snapshot'> & { version: 1; key: string; snapshot: unknown }>);

function decode({ meta, arrays }: Container, key: string): Checked<FloatPhase> {
  const checked = checkStored(metaSchema, meta);
  if ('problem' in checked) return checked;
  const { run, ...rest } = checked.value;
  if (rest.key !== key) return { problem: 'it is of another network, data or training' };
  const snapshot = checkSnapshot({ meta: rest.snapshot, arrays });
  if ('problem' in snapshot) return snapshot;
  const { formats, best, ranges } = snapshot.value.meta;
  if (formats !== null || best !== null || ranges.length === 0) {
    return { problem: 'it is not the end of a float phase' };
  }
  const events = rest.events.flatMap((event) => checkEvent(event) ?? []);
  return { value: { run, snapshot: snapshot.value, events } };
}

/** So that what is used is not what is dropped next. */
function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // A folder that cannot be written to keeps what it has.
  }
}
