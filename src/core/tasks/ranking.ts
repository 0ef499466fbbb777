/** How well a score tells examples that are meant to have a high one from those that are not, whatever the threshold. */

/** A point of the ROC curve: of both groups the share whose score lies above the threshold. */
export interface RocPoint {
  readonly falseAlarms: number;
  readonly found: number;
}

interface Counted {
  readonly score: number;
  positives: number;
  negatives: number;
}

/** Different scores with how many examples of each group have them, highest first. */
function ranked(scores: ArrayLike<number>, targets: ArrayLike<number>): Counted[] {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[b]! - scores[a]!,
  );
  const counted: Counted[] = [];
  for (const i of order) {
    const score = scores[i]!;
    const last = counted.at(-1);
    const own = last?.score === score ? last : { score, positives: 0, negatives: 0 };
    if (own !== last) counted.push(own);
    if (targets[i]! > 0) own.positives++;
    else own.negatives++;
  }
  return counted;
}

/**
 * The probability that of two examples, one of each group, the one with target 1 has the higher score (equal scores count
 * half): the area under the ROC curve. A half where there is none of one group.
 */
export function areaUnderCurve(scores: ArrayLike<number>, targets: ArrayLike<number>): number {
  let positives = 0;
  let negatives = 0;
  let area = 0;
  for (const each of ranked(scores, targets)) {
    area += each.negatives * (positives + each.positives / 2);
    positives += each.positives;
    negatives += each.negatives;
  }
  return positives === 0 || negatives === 0 ? 0.5 : area / (positives * negatives);
}

/** From no alarm at all to an alarm for every example; undefined where there is none of one group. */
export function rocCurve(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
): RocPoint[] | undefined {
  const counted = ranked(scores, targets);
  const total = { positives: 0, negatives: 0 };
  for (const { positives, negatives } of counted) {
    total.positives += positives;
    total.negatives += negatives;
  }
  if (total.positives === 0 || total.negatives === 0) return undefined;
  const above = { positives: 0, negatives: 0 };
  const points: RocPoint[] = [{ falseAlarms: 0, found: 0 }];
  for (const { positives, negatives } of counted) {
    above.positives += positives;
    above.negatives += negatives;
    points.push({
      falseAlarms: above.negatives / total.negatives,
      found: above.positives / total.positives,
    });
  }
  return points;
}

/**
 * The lowest threshold above which at most this share of the scores of target 0 lie. It lies halfway between two scores
 * that are there, so that no rounding takes one of them to its other side.
 */
export function thresholdFor(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  falseAlarms: number,
): number {
  const counted = ranked(scores, targets);
  const negatives = counted.reduce((sum, each) => sum + each.negatives, 0);
  const allowed = Math.floor(falseAlarms * negatives + 1e-9);
  let alarms = 0;
  let above: number | undefined;
  for (const { score, negatives: here } of counted) {
    if (alarms + here > allowed) {
      return above === undefined ? justAbove(score) : (above + score) / 2;
    }
    alarms += here;
    above = score;
  }
  // Every one of them may alarm.
  const last = counted.at(-1)?.score ?? 0;
  return last - Math.max(Math.abs(last), 1) * STEP;
}

const STEP = 1e-6;

function justAbove(score: number): number {
  return score + Math.max(Math.abs(score), 1) * STEP;
}
