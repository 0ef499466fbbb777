/** Before the first run: what is expected, and the one thing to do next. */
import type { DashboardState } from '../src/protocol/dashboard';
import { button } from './controls';
import { h, setHidden, setText } from './dom';

export interface EmptyState {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
}

export function emptyState(onRun: () => void): EmptyState {
  const heading = h('h2');
  const text = h('p');
  const start = button('Run training', 'primary', onRun);
  const element = h('section', { class: 'empty' }, heading, text, start);
  return {
    element,
    update(state) {
      setHidden(element, state.activity !== 'none' && state.activity !== 'queued');
      if (state.activity === 'queued') {
        setText(heading, 'Waiting for its turn');
        setText(text, 'Another run is training. This one starts when that one has ended.');
      } else if (state.gauges.length === 0) {
        setText(heading, 'Nothing to show yet');
        setText(
          text,
          'The config has a problem; the Problems view says where. Mend it, then train.',
        );
      } else if (state.restricted) {
        setText(heading, 'Ready to train once the workspace is trusted');
        setText(text, 'The figures above follow from the config alone.');
      } else {
        setText(heading, 'Ready to train');
        setText(
          text,
          'The figures above follow from the config alone. Train once to see how sparse each layer becomes, ' +
            `what it takes in flash, and what ${state.results.metric.name} is left.`,
        );
      }
      const run = state.actions.find(({ action }) => action === 'run');
      setHidden(
        start,
        run === undefined || run.disabled !== undefined || state.gauges.length === 0,
      );
    },
  };
}
