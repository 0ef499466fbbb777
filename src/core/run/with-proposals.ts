/** The report of a run that is over, with what another config would make of its budget. */
import { proposalsOf } from '../advice/proposals';
import type { ResolvedConfig } from '../config/config';
import { buildReport, type ReportInput } from '../report/build-report';
import type { Report } from '../report/report';
import type { JobPlan } from './plan-job';

export function withProposals(config: ResolvedConfig, plan: JobPlan, input: ReportInput): Report {
  const report = buildReport(input);
  const proposals = proposalsOf(report, config, plan, plan.code);
  return proposals.length === 0 ? report : { ...report, proposals };
}
