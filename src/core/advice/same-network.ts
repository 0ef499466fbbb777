import type { Report } from '../report/report';
import type { Forecast } from '../plan/forecast';

/** Whether a run's report is about the very layers that the forecast is of. */
export function isReportOf(report: Pick<Report, 'layers'>, { layers }: Forecast): boolean {
  const weighted = layers.filter(({ parameters }) => parameters > 0);
  return (
    report.layers.length === weighted.length &&
    report.layers.every(
      ({ name, shape }, i) =>
        name === weighted[i]!.name && shape.join() === weighted[i]!.weightShape.join(),
    )
  );
}
