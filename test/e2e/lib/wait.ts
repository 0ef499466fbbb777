// Waiting for what happens outside the page, as Playwright's own waiting does for what happens in it.

/** Limits are given for a machine with time to spare; where others share it, all may take several times as long. */
const PATIENCE = 10;

/** For Playwright: milliseconds after which waiting for what takes less than `seconds` is given up. */
export function limit(seconds: number): number {
  return PATIENCE * seconds * 1000;
}

/** Asks until there is an answer; throws when the limit for `seconds` has passed without one. */
export async function waitFor<T>(
  what: string,
  seconds: number,
  ask: (attempt: number) => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + limit(seconds);
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(attempt);
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Waited ${limit(seconds) / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
