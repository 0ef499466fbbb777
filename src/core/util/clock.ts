/**
 * How much time has passed. The system's clock may be set while a run trains: by hand, by the network, by a virtual
 * machine that wakes up. What is due after so many seconds goes by this one, which is never set; `new Date()` is for stamps
 * that people read, and lint keeps `Date.now()` out.
 */

/** Milliseconds since some moment in the past, the same one for the whole process. Never goes back. */
export function elapsedMs(): number {
  return performance.now();
}
