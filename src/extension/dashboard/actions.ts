/** Which buttons the dashboard has, in what order, and why one cannot be used. */
import { WORK_WORDS, type Work } from '../../core/tasks/work';
import type { Activity } from '../../protocol/activity';
import type { Action, DashboardState } from '../../protocol/dashboard';
import { defined } from '../../core/util/defined';

const LABELS: Readonly<Record<Exclude<Action, 'run'>, string>> = {
  stop: 'Stop',
  resume: 'Resume',
  generate: 'Regenerate',
  verify: 'Verify',
  compare: 'Compare',
};

const RESTRICTED = 'Trust the workspace first: in Restricted Mode nothing is trained or written.';

/** The first is the one a user most likely wants next. */
const OFFERED: Readonly<Record<Activity, readonly Action[]>> = {
  none: ['run', 'generate', 'verify', 'compare'],
  new: ['resume', 'run', 'generate', 'verify', 'compare'],
  queued: ['stop', 'generate', 'verify', 'compare'],
  running: ['stop', 'generate', 'verify', 'compare'],
  stopping: ['stop', 'generate', 'verify', 'compare'],
  stopped: ['resume', 'run', 'generate', 'verify', 'compare'],
  interrupted: ['resume', 'run', 'generate', 'verify', 'compare'],
  failed: ['resume', 'run', 'generate', 'verify', 'compare'],
  finished: ['generate', 'verify', 'run', 'compare'],
  damaged: ['run', 'generate', 'verify', 'compare'],
};

export function actionsFor(
  activity: Activity,
  {
    work,
    restricted,
    hasResults,
    runCount,
  }: {
    readonly work: Work;
    readonly restricted: boolean;
    readonly hasResults: boolean;
    readonly runCount: number;
  },
): DashboardState['actions'] {
  return OFFERED[activity].map((action, i) => {
    const disabled = reason();
    return {
      action,
      label: label(action),
      primary: i === 0,
      ...defined({ disabled }),
    };

    function label(of: Action): string {
      if (of === 'run') return WORK_WORDS[work].start;
      return activity === 'queued' && of === 'stop' ? 'Remove from queue' : LABELS[of];
    }

    function reason(): string | undefined {
      if (action === 'compare') return runCount < 1 ? 'There is no run to compare yet.' : undefined;
      if (restricted) return RESTRICTED;
      if (action === 'stop' && activity === 'stopping') {
        return 'It stops after the current step, with a checkpoint.';
      }
      if ((action === 'generate' || action === 'verify') && !hasResults) {
        return 'Only a finished run has results to write or verify.';
      }
      return undefined;
    }
  });
}
