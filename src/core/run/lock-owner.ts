/**
 * Who holds a lock, as its file says, and what can be known of that process from here. A process number means something
 * only where the same processes are seen: on the same machine since the same start of it, and there in the same container.
 */
import { hostname } from 'node:os';
import * as v from 'valibot';
import { isRunning } from '../util/processes';
import { checkJson, size, type Every } from '../util/stored';
import { readSystemFile, readSystemLink } from '../util/system-file';
import { defined } from '../util/defined';

/** State of a process that is dead but whose parent has not asked for its exit status yet. */
const ZOMBIE = 'Z';

export interface OwnerRecord {
  readonly pid: number;
  /** Name of its computer: a folder may be shared between several, and several may have one name. */
  readonly host: string;
  /** When the process started, in the system's own units, so that a reused pid is not mistaken; '' if unknown. */
  readonly start: string;
  /** Which start of the machine it was; absent where the system has no such thing, and in locks of earlier versions. */
  readonly boot?: string;
  /** Which processes its number is one among; absent likewise. */
  readonly namespace?: string;
  /** Milliseconds after which it touches the file again and again; absent in locks of earlier versions. */
  readonly beatMs?: number;
}

const name = v.pipe(v.string(), v.maxLength(300));

const ownerSchema: v.GenericSchema<unknown, OwnerRecord> = v.object({
  pid: size,
  host: name,
  start: name,
  boot: v.exactOptional(name),
  namespace: v.exactOptional(name),
  beatMs: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(60_000))),
} satisfies Every<OwnerRecord>);

/** undefined for what names no owner. */
export function parseOwner(text: string): OwnerRecord | undefined {
  const checked = checkJson(ownerSchema, text);
  return 'value' in checked ? checked.value : undefined;
}

/** This process, with the promise to touch its lock every `beatMs`. */
export function currentOwner(beatMs: number): OwnerRecord {
  const { host, boot, namespace } = place();
  return {
    pid: process.pid,
    host,
    start: startOf(process.pid),
    ...defined({ boot, namespace }),
    beatMs,
  };
}

/**
 * - `alive`, `dead`: its process was looked at
 * - `elsewhere`: it cannot be looked at from here; whether it touches its lock tells
 * - `restarted`: as `elsewhere`, but most likely of this machine before it was started again
 */
export type Standing = 'alive' | 'dead' | 'elsewhere' | 'restarted';

export function standingOf(owner: OwnerRecord): Standing {
  if (isSeenFromHere(owner)) return isAlive(owner) ? 'alive' : 'dead';
  const sameName = owner.host === hostname();
  if (owner.beatMs !== undefined) {
    return sameName && bootOf(owner) !== place().boot ? 'restarted' : 'elsewhere';
  }
  // Of an earlier version, which touches nothing: on another computer it counts as alive, as it always has.
  return sameName ? 'dead' : 'alive';
}

/** Whether its number means the same process here as there. */
export function isSeenFromHere(owner: OwnerRecord): boolean {
  const here = place();
  const boot = bootOf(owner);
  if (boot !== undefined && here.boot !== undefined) {
    if (boot !== here.boot) return false;
    if (owner.namespace !== undefined && here.namespace !== undefined) {
      return owner.namespace === here.namespace;
    }
  }
  return owner.host === here.host;
}

/** Earlier versions have it in `start` alone. */
function bootOf({ boot, start }: OwnerRecord): string | undefined {
  if (boot !== undefined) return boot;
  const end = start.indexOf('/');
  return end > 0 ? start.slice(0, end) : undefined;
}

interface Place {
  readonly host: string;
  readonly boot: string | undefined;
  readonly namespace: string | undefined;
}

function place(): Place {
  return {
    host: hostname(),
    boot: readSystemFile('/proc/sys/kernel/random/boot_id')?.trim(),
    namespace: readSystemLink('/proc/self/ns/pid'),
  };
}

function isAlive(owner: OwnerRecord): boolean {
  if (!isRunning(owner.pid)) return false;
  const start = startOf(owner.pid);
  return start === '' || (start !== ZOMBIE && (owner.start === '' || start === owner.start));
}

/** Start time in clock ticks since boot with the boot's id, from Linux's /proc; '' where that cannot be read. */
function startOf(pid: number): string {
  const stat = readSystemFile(`/proc/${pid}/stat`);
  if (stat === undefined) return '';
  // The command's name may hold spaces and parentheses. After it come the state, field 3, and the start, field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === ZOMBIE) return ZOMBIE;
  const { boot } = place();
  return boot === undefined ? '' : `${boot}/${fields[19] ?? ''}`;
}
