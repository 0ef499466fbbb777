/** What a finished run says of another config that would make more of the same budget: a sentence each. */
import { formatMetric, formatPercent, formatRatio } from '../report/format';
import type { Report } from '../report/report';
import type { Forecast } from '../plan/forecast';
import type { MeasuredCode } from '../firmware/fixed-flash';
import { isUntrained } from '../config/config';
import { valueAt } from '../tasks/measurement';
import { metricIn } from '../tasks/tasks';
import {
  describeWider,
  fewerBits,
  HARDLY_SQUEEZED,
  widerNetwork,
  type OtherConfig,
} from './other-networks';

/** Weights that were not trained for it shrink no further. */
const UNTRAINED_RATIO = 1.1;

/** Of a network that is never wrong more is not to be had; where it hardly ever is, room for two of it is worth a word. */
const LEFT_ALONE = 2;
const NEARLY_BEST = 0.01;

/** @param code of the network; undefined: as the table has it */
export function proposalsOf(
  report: Report,
  config: OtherConfig,
  forecast: Pick<Forecast, 'graph' | 'flash'>,
  code: MeasuredCode | undefined,
): string[] {
  if (isUntrained(config)) return untrained(report);
  return [...bits(report, config, forecast), ...wider(report, config, forecast, code)];
}

function bits(
  report: Report,
  config: OtherConfig,
  forecast: Pick<Forecast, 'graph' | 'flash'>,
): string[] {
  const found = fewerBits(config, forecast);
  const kept = 1 - report.sparsity;
  if (found === undefined || found.keptByFew <= kept) return [];
  const metric = metricIn(report.measured);
  const [before, after] = (['quantized', 'fitted'] as const).map((stage) =>
    valueAt(report.measured, stage),
  );
  const lost =
    before === undefined || after === undefined
      ? ''
      : `, and the ${metric.name} went from ${formatMetric(before, metric)} to ${formatMetric(after, metric)}`;
  return [
    `of weights of 8 bits ${formatPercent(kept)} stayed non-zero in this budget${lost}; ` +
      `with quantization.weights on "auto" about ${formatPercent(found.keptByFew, 0)} could stay, most as ${found.format}`,
  ];
}

function wider(
  report: Report,
  config: OtherConfig,
  forecast: Pick<Forecast, 'graph' | 'flash'>,
  code: MeasuredCode | undefined,
): string[] {
  if (isWithin(report, 0)) return [];
  if (report.ratio > (isWithin(report, NEARLY_BEST) ? LEFT_ALONE : HARDLY_SQUEEZED)) return [];
  const found = widerNetwork(config, forecast, code);
  return found === undefined
    ? []
    : [
        `the compression is ${formatRatio(report.ratio)}: ${describeWider(config, forecast.flash, found)}`,
      ];
}

/** Whether the result is as near as that to the best there can be. */
function isWithin({ measured }: Report, distance: number): boolean {
  const { better, best } = metricIn(measured);
  const value = valueAt(measured, 'fitted');
  return value !== undefined && better === 'higher' && value >= best - distance;
}

function untrained({ ratio, budget }: Report): string[] {
  if (ratio >= UNTRAINED_RATIO) return [];
  const limit = budget.weights === undefined ? ', such as "25%"' : '';
  return [
    `the compression is ${formatRatio(ratio)}: weights that keep their codes hardly shrink; with model.use on "fit" and examples ` +
      `the network is trained on until it takes what budget.weights allows${limit}`,
  ];
}
