/**
 * Whether a lock is held, by who looks at its file again and again. Of an owner whose process cannot be looked at, only
 * what is seen to happen counts, by a clock that is never set: a beat, or none for ten intervals. The times in the file
 * are another computer's.
 */
import type { Clock } from '../util/clock';
import { look, textIfThere } from '../util/read-file';
import { parseOwner, standingOf, type OwnerRecord } from './lock-owner';

/** Intervals without a beat after which nobody is waited for. */
const MOST_BEATS_MISSED = 10;
/** A lock file without readable content is being written this very moment, or its writer was killed doing so. */
const WRITING_MS = 2000;

/** A lock's file at one moment. */
export interface Sight {
  readonly text: string;
  readonly owner: OwnerRecord | undefined;
  readonly mtimeMs: number;
}

/** - `doubt`: nothing has been seen yet that would tell; look again later */
export type Verdict = 'held' | 'free' | 'doubt';

interface Observation extends Sight {
  /** When it was first seen like this. */
  readonly since: number;
  /** It was seen to beat. */
  readonly beats: boolean;
}

/** undefined where there is no such file. */
export function sightOf(file: string): Sight | undefined {
  const text = textIfThere(file, 'note');
  const stats = look(file, 'note');
  if (text === undefined || stats === undefined) return undefined;
  return { text, owner: parseOwner(text), mtimeMs: stats.mtimeMs };
}

/** Remembers what it has seen of each lock. */
export class LockWatch {
  readonly #seen = new Map<string, Observation>();

  constructor(private readonly clock: Clock) {}

  verdict(file: string, sight: Sight | undefined): Verdict {
    if (sight === undefined) {
      this.#seen.delete(file);
      return 'free';
    }
    const { owner } = sight;
    const standing = owner && standingOf(owner);
    if (standing === 'alive') return 'held';
    if (standing === 'dead') return 'free';
    const { since, beats } = this.#observe(file, sight);
    const quiet = this.clock.elapsedMs() - since;
    if (owner === undefined) return quiet < WRITING_MS ? 'doubt' : 'free';
    if (quiet >= patienceWith(owner)) return 'free';
    if (beats) return 'held';
    // Since the machine started again nobody has beaten: two computers of one name would.
    return standing === 'restarted' && !this.looksFresh(sight) ? 'free' : 'doubt';
  }

  /** A guess for those who have looked only once, by the system's clock. */
  looksFresh({ owner, mtimeMs }: Sight): boolean {
    return owner !== undefined && this.clock.ageMs(mtimeMs) < patienceWith(owner);
  }

  #observe(file: string, sight: Sight): Observation {
    const before = this.#seen.get(file);
    if (before?.text === sight.text && before.mtimeMs === sight.mtimeMs) return before;
    const seen = {
      ...sight,
      since: this.clock.elapsedMs(),
      beats: before?.text === sight.text,
    };
    this.#seen.set(file, seen);
    return seen;
  }
}

function patienceWith({ beatMs = 0 }: OwnerRecord): number {
  return MOST_BEATS_MISSED * beatMs;
}
