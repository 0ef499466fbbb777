/** Before the first run: what is expected, and the one thing to do next. */
import type { DashboardState } from '../src/protocol/dashboard';
import { WORK_WORDS } from '../src/core/tasks/work';
import { button } from './controls';
import { h, setHidden, setText } from './dom';

export interface EmptyState {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
}

export function emptyState(onRun: () => void): EmptyState {
  const heading = h('h2');
  const text = h('p');
  const start = button('', 'primary', onRun);
  const element = h('section', { class: 'empty' }, heading, text, start);
  return {
    element,
    update(state) {
      const { ready, start: label } = WORK_WORDS[state.work];
      setText(start, label);
      setHidden(element, state.activity !== 'none' && state.activity !== 'queued');
      if (state.activity === 'queued') {
        setText(heading, 'Waiting for its turn');
        setText(text, 'Another run is at work. This one starts when that one has ended.');
      } else if (state.gauges.length === 0) {
        setText(heading, 'Nothing to show yet');
        setText(
          text,
          'The config has a problem; the Problems view says where. Mend it, then run it.',
        );
      } else if (state.restricted) {
        setText(heading, `${ready} once the workspace is trusted`);
        setText(text, 'The figures above follow from the config alone.');
      } else {
        setText(heading, ready);
        setText(text, `The figures above follow from the config alone. ${toSee(state)}`);
      }
      const run = state.actions.find(({ action }) => action === 'run');
      setHidden(
        start,
        run === undefined || run.disabled !== undefined || state.gauges.length === 0,
      );
    },
  };
}

/** What a run will tell. */
function toSee({ work, results }: DashboardState): string {
  switch (work) {
    case 'train':
      return `Train once to see how sparse each layer becomes, what it takes in flash, and what ${results.metric.name} is left.`;
    case 'quantise':
      return 'Run it once to see how much of each layer its rounding costs, and what the network takes in flash.';
    case 'encode':
      return 'Run it once to see what the network takes in flash; its weights stay as they are.';
  }
}
