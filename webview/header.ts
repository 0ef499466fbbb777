/** What is shown, how it is going, and what can be done about it. */
import { PHASE_WORDS } from '../src/core/tasks/phases';
import { activityWord } from '../src/protocol/activity';
import type { Action, DashboardState } from '../src/protocol/dashboard';
import { button, chooser, disable } from './controls';
import { h, setAttribute, setChildren, setHidden, setText } from './dom';
import { capitalised, formatCount, formatDuration } from './format';

export interface Header {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
}

/** A value of the run chooser that is no run's id. */
const CURRENT = '';

export function header(
  onAction: (action: Action) => void,
  onRun: (runId: string | undefined) => void,
): Header {
  const name = h('h1');
  const about = h('p', { class: 'about' });
  const status = h('span', { class: 'status' });
  const detail = h('span', { class: 'detail' });
  const actions = h('div', { class: 'actions', role: 'group', 'aria-label': 'Actions' });
  const buttons = new Map<Action, HTMLElement>();
  const runs = chooser('Run to show', (value) => onRun(value === CURRENT ? undefined : value));
  const fill = h('span', { class: 'fill' });
  const progress = h(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': 'Training' },
    fill,
  );
  const message = h('p', { class: 'banner error', role: 'alert' });
  const notes = h('ul', { class: 'banner notes', 'aria-label': 'Notes' });
  const restricted = h(
    'p',
    { class: 'banner' },
    'Restricted Mode: results are shown; training and writing need a trusted workspace.',
  );

  const buttonFor = (action: Action, label: string, primary: boolean): HTMLElement => {
    let existing = buttons.get(action);
    if (existing === undefined) {
      existing = button(label, 'secondary', () => onAction(action));
      existing.dataset['action'] = action;
      buttons.set(action, existing);
    }
    setAttribute(existing, 'appearance', primary ? 'primary' : 'secondary');
    setText(existing, label);
    return existing;
  };

  return {
    element: h(
      'header',
      {},
      h('div', { class: 'title' }, h('div', { class: 'names' }, name, about), actions),
      h('div', { class: 'state' }, h('p', { class: 'now' }, status, detail), runs.element),
      progress,
      restricted,
      message,
      notes,
    ),
    update(state) {
      setText(name, state.name);
      setText(about, aboutOf(state));
      setText(status, capitalised(activityWord(state.activity, state.work)));
      setAttribute(status, 'class', `status ${state.activity}`);
      setText(detail, detailOf(state));
      setChildren(
        actions,
        state.actions.map(({ action, label, primary, disabled }) => {
          const control = buttonFor(action, label, primary && disabled === undefined);
          disable(control, disabled);
          return control;
        }),
      );
      runs.set(
        [
          { value: CURRENT, label: 'Current run' },
          ...state.runs.map(({ id, label }) => ({ value: id, label })),
        ],
        state.following || state.runId === undefined ? CURRENT : state.runId,
      );
      setHidden(runs.element, state.runs.length === 0);
      const { progress: done } = state;
      setHidden(progress, done === undefined);
      if (done !== undefined) {
        const percent = (100 * done.step) / Math.max(1, done.totalSteps);
        fill.style.width = `${percent.toFixed(2)}%`;
        setAttribute(progress, 'aria-valuenow', Math.round(percent));
      }
      progress.classList.toggle('active', state.activity === 'running');
      setHidden(restricted, !state.restricted);
      setText(message, state.message ?? '');
      setHidden(message, state.message === undefined);
      setChildren(
        notes,
        state.results.notes.map((note) => h('li', {}, capitalised(`${note}.`))),
      );
      setHidden(notes, state.results.notes.length === 0);
    },
  };
}

function aboutOf({ architecture, method, work, trainedWith, configLabel }: DashboardState): string {
  return [
    configLabel,
    architecture,
    method === undefined ? '' : work === 'train' ? `method ${method}` : method,
    trainedWith ?? '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function detailOf({ progress, activity }: DashboardState): string {
  if (progress === undefined) return '';
  const { epoch, totalEpochs, phase, secondsLeft, imagesPerSecond, step, totalSteps } = progress;
  return [
    `${PHASE_WORDS[phase]}, epoch ${epoch} of ${totalEpochs}`,
    activity === 'running' ? '' : `step ${formatCount(step)} of ${formatCount(totalSteps)}`,
    secondsLeft === undefined ? '' : `${formatDuration(secondsLeft)} left`,
    imagesPerSecond === undefined ? '' : `${formatCount(Math.round(imagesPerSecond))} images/s`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
