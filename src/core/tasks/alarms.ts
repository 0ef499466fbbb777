/** What binary and anomaly share: alarms for scores above a threshold. */
import type { AlarmCounts } from './details';
import type { RocPoint } from './ranking';
import { rocCurve } from './ranking';

/** More points than a picture shows are of no use to anybody. */
const MOST_POINTS = 200;

export function countAlarms(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  threshold: number,
): AlarmCounts {
  const counts = { positives: 0, found: 0, negatives: 0, falseAlarms: 0 };
  for (let i = 0; i < scores.length; i++) {
    const alarm = scores[i]! > threshold ? 1 : 0;
    if (targets[i]! > 0) {
      counts.positives++;
      counts.found += alarm;
    } else {
      counts.negatives++;
      counts.falseAlarms += alarm;
    }
  }
  return { threshold, ...counts };
}

/** The curve with at most MOST_POINTS points, both ends among them. */
export function shownCurve(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
): RocPoint[] | undefined {
  const points = rocCurve(scores, targets);
  if (points === undefined || points.length <= MOST_POINTS) return points;
  return Array.from({ length: MOST_POINTS }, (_, i) => {
    return points[Math.round((i * (points.length - 1)) / (MOST_POINTS - 1))]!;
  });
}
