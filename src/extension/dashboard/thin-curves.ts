/** Fewer points of a long run's curves: a chart some hundred pixels wide shows no more, and each costs a message its bytes. */
import type { StepPoint } from '../../protocol/dashboard';
import type { Curves } from './curves';

/** Stretches of a curve, each with its peaks. */
const MOST_BUCKETS = 500;
/** Choices of masks, and measurements, are as rare as their figures are interesting. */
const MOST_EACH = 1500;

/**
 * Of each of some hundred stretches of steps the first and the last point and those of the least and the largest loss and value:
 * peaks stay, and so do the ends of phases. Curves that are short already come back as they are.
 */
export function thinned({ steps, prunes, evaluations }: Curves): Curves {
  return {
    steps: steps.length <= MOST_EACH ? steps : stretches(steps).flatMap(telling),
    prunes: spread(prunes),
    evaluations: spread(evaluations),
  };
}

/** Of one phase each. */
function stretches(steps: readonly StepPoint[]): StepPoint[][] {
  const length = Math.ceil(steps.length / MOST_BUCKETS);
  const all: StepPoint[][] = [];
  for (const point of steps) {
    const last = all.at(-1);
    if (last === undefined || last.length >= length || last[0]?.phase !== point.phase) {
      all.push([point]);
    } else last.push(point);
  }
  // Of a log that changes its phase at every step only so many are left, too.
  return spread(all, 1.2 * MOST_BUCKETS);
}

function telling(stretch: readonly StepPoint[]): StepPoint[] {
  const kept = new Set([0, stretch.length - 1]);
  for (const key of ['loss', 'value'] as const) {
    let [least, largest] = [0, 0];
    stretch.forEach((point, i) => {
      if (point[key] < stretch[least]![key]) least = i;
      if (point[key] > stretch[largest]![key]) largest = i;
    });
    kept.add(least).add(largest);
  }
  return stretch.filter((_, i) => kept.has(i));
}

/** Evenly chosen ones, the first and the last among them. */
function spread<T>(points: T[], most = MOST_EACH): T[] {
  if (points.length <= most) return points;
  return Array.from(
    { length: most },
    (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]!,
  );
}
