/** What is held against the keys of `budget`. */

/** Bytes that count against each key. */
export interface Sizes {
  readonly flash: number;
  readonly ram: number;
  readonly weights: number;
}

/** The keys in the order in which people are told of them. */
export const LIMITS = ['flash', 'ram', 'weights'] as const satisfies (keyof Sizes)[];

export type LimitName = (typeof LIMITS)[number];

export interface Limit {
  readonly name: LimitName;
  readonly bytes: number;
  /** Undefined where the config sets none. */
  readonly limit: number | undefined;
  readonly met: boolean;
}

/** @param budget bytes by key; where there is none, nothing limits */
export function limitsOf(
  sizes: Sizes,
  budget: { readonly [name in LimitName]?: number | undefined },
): Limit[] {
  return LIMITS.map((name) => {
    const [bytes, limit] = [sizes[name], budget[name]];
    return { name, bytes, limit, met: limit === undefined || bytes <= limit };
  });
}
