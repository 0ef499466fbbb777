/** The real Jobs: training and everything that can be done with a run, put together from the folders below. */
import type { Jobs } from './jobs';
import { runJob } from './run-job';
import { sourcesJobs } from './sources-jobs';

export const jobs: Jobs = { ...sourcesJobs, run: (job) => runJob(job) };
