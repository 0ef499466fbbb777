/** What a finished run leaves to wonder at although nothing failed: a sentence each of what it is and what to try. */
import { GUESSED } from '../dataset/normalization';
import { stageName, valueAt } from '../tasks/measurement';
import { isNearBaseline, metricIn } from '../tasks/tasks';
import { fittingOf } from './describe-report';
import { decodingShare } from '../plan/decoding';
import { formatAgainst, formatMetric, formatPercent, formatRatio } from './format';
import { leftOut } from './left-out';
import { keepsWeights, UNCOMPRESSED, type Report } from './report';

/** Below this fraction of a budget much of it is left. */
const MUCH_LEFT = 0.5;

export function notesOf(report: Report): string[] {
  const nothingTold = chance(report);
  return [
    ...(report.warnings ?? []),
    ...guess(report),
    ...nothingTold,
    ...(nothingTold.length > 0 ? [] : leftOut(report)),
    ...decoding(report),
    ...(report.proposals?.length ? report.proposals : room(report)),
  ];
}

function guess({ guessed }: Report): string[] {
  return guessed === true ? [`all that was measured rests on a guess: ${GUESSED}`] : [];
}

/** The bytes came first. */
function decoding({ instructions, budget }: Report): string[] {
  const { decode } = budget;
  if (instructions === undefined || decode === undefined) return [];
  const share = decodingShare(instructions.computing, instructions.decoding);
  // An estimate does not tell more.
  if (share <= decode + 0.005) return [];
  const limits = Object.keys(budget).filter((key) => key === 'flash' || key === 'weights');
  const raise = limits.map((key) => `budget.${key}`).join(' and ');
  return [
    `decoding takes about ${formatPercent(share, 0)} of an inference, more than the ${formatPercent(decode, 0)} of budget.decode: ` +
      `so few bytes leave no other way${raise === '' ? '' : `; raise ${raise}, or budget.decode`}`,
  ];
}

/** The network does hardly better than what needs no network. */
function chance(report: Report): string[] {
  const { measured, baseline, budget } = report;
  const metric = metricIn(measured);
  const fitted = valueAt(measured, 'fitted');
  if (baseline === undefined || fitted === undefined) return [];
  if (!isNearBaseline(metric, fitted, baseline)) return [];
  const what =
    `the ${metric.name} of ${formatMetric(fitted, metric)} is hardly better than that of one answer for every example ` +
    `of the test set, ${formatMetric(baseline, metric)}`;
  if (keepsWeights(report)) {
    return [
      `${what}, and no weight was trained here: dataset.normalize must say what the network was trained with, and labels must be ` +
        'in the order that it knows',
    ];
  }
  const float = valueAt(measured, 'float');
  const learnt = float !== undefined && !isNearBaseline(metric, float, baseline);
  if (!learnt) {
    return [
      `${what}: the network has learnt next to nothing; look whether examples and labels belong together, ` +
        'train longer (training.epochs) or set another training.learningRate',
    ];
  }
  const limits = Object.keys(budget).filter((key) => key !== 'ram' && key !== 'decode');
  const raise =
    limits.length === 0 ? '' : `raise ${limits.map((key) => `budget.${key}`).join(' and ')}, `;
  return [
    `${what}, while the float network reached ${formatMetric(float, metric)}: what it had learnt was lost on the way to ` +
      `${stageName('fitted', fittingOf(report))}; ${raise}train longer (training.pruneEpochs) or make the network smaller`,
  ];
}

/** The budget asked for less than it might. */
function room(report: Report): string[] {
  const { method, ratio, flash, budget, withinBudget } = report;
  if (!withinBudget || keepsWeights(report)) return [];
  const limits = [
    ['flash', flash.total, budget.flash],
    ['weights', flash.weights, budget.weights],
  ] as const;
  const set = limits.flatMap(([key, bytes, limit]) =>
    limit === undefined ? [] : [{ key: `budget.${key}`, bytes, limit }],
  );
  const [tightest] = [...set].sort((a, b) => b.bytes / b.limit - a.bytes / a.limit);
  const uncompressed = ratio <= UNCOMPRESSED && method !== 'dense';
  if (tightest === undefined) {
    return uncompressed
      ? [
          `the compression is ${formatRatio(ratio)}: nothing limits the weights, so none were pruned; ` +
            'set budget.flash or budget.weights',
        ]
      : [];
  }
  const used = formatAgainst(tightest.bytes, tightest.limit);
  const wider = 'a wider network (model.width, or more units and filters) would use the room';
  if (uncompressed) {
    return [
      `the compression is ${formatRatio(ratio)}: the network as it is fits ${tightest.key} (${used}); ${wider}`,
    ];
  }
  if (tightest.bytes >= MUCH_LEFT * tightest.limit) return [];
  return [`less than half of ${tightest.key} is used (${used}); ${wider}, or set a smaller budget`];
}
