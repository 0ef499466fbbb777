import type { Segment } from '../segment';

/** All in one piece. */
export function segments(stored: Uint8Array): Segment[] {
  return stored.length === 0 ? [] : [{ kind: 'raw', symbols: stored.length, offset: 0 }];
}
