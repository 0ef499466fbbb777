/** Fewer points for the same curve: what a screen cannot show need not be drawn. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Largest triangle three buckets (Steinarsson 2013): of each bucket the point that spans the largest triangle with the
 * one kept before and the mean of the next bucket; peaks stay. First and last point are kept. `points` sorted by x.
 */
export function downsample<T extends Point>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most || most < 3) return points;
  const kept: T[] = [points[0]!];
  const width = (points.length - 2) / (most - 2);
  let before = points[0]!;
  for (let bucket = 0; bucket < most - 2; bucket++) {
    const from = 1 + Math.floor(bucket * width);
    const to = 1 + Math.floor((bucket + 1) * width);
    const next = mean(points, to, Math.min(points.length, 1 + Math.floor((bucket + 2) * width)));
    let best = points[from]!;
    let largest = -1;
    for (let i = from; i < to; i++) {
      const point = points[i]!;
      const area = Math.abs(
        (before.x - next.x) * (point.y - before.y) - (before.x - point.x) * (next.y - before.y),
      );
      if (area > largest) [largest, best] = [area, point];
    }
    kept.push(best);
    before = best;
  }
  kept.push(points.at(-1)!);
  return kept;
}

function mean(points: readonly Point[], from: number, to: number): Point {
  let [x, y] = [0, 0];
  for (let i = from; i < to; i++) {
    x += points[i]!.x;
    y += points[i]!.y;
  }
  const n = Math.max(1, to - from);
  return { x: x / n, y: y / n };
}
