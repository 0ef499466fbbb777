/** The real actions: training and everything that can be done with a run, put together from the folders below. */
import type { RunActions } from './actions';
import { runJob } from './run-job';
import { sourcesActions } from './sources-actions';

export const actions: RunActions = { ...sourcesActions, run: (job) => runJob(job) };
