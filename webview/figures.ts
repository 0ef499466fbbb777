/** The two results one came for: what accuracy is left at each stage, and what compression was gained. */
import type { DashboardState } from '../src/protocol/dashboard';
import { h, setHidden, setText } from './dom';
import { formatBytes, formatCount, formatPercent, formatRatio } from './format';

export interface Figures {
  readonly accuracy: HTMLElement;
  readonly compression: HTMLElement;
  update(state: DashboardState): void;
}

const METHOD_NAMES = {
  east: 'EAST',
  magnitude: 'Magnitude',
  group: 'Group',
  dense: 'Dense',
} as const;

export function figures(): Figures {
  const stages = (['float', 'int8Dense', 'int8Sparse'] as const).map((stage) => {
    const label = h('span', { class: 'stage' });
    const value = h('span', { class: 'big' });
    const change = h('span', { class: 'change' });
    return { stage, label, value, change, element: h('li', {}, label, value, change) };
  });
  const examples = h('p', { class: 'note' });
  const accuracy = h(
    'section',
    { class: 'card accuracy', 'aria-labelledby': 'accuracy-title' },
    h('h2', { id: 'accuracy-title' }, 'Accuracy'),
    h('ol', { class: 'stages' }, ...stages.map(({ element }) => element)),
    examples,
  );

  const ratio = h('span', { class: 'big' });
  const sparsity = h('span', { class: 'big' });
  const sizes = h('p', { class: 'note' });
  const budget = h('p', { class: 'note' });
  const compression = h(
    'section',
    { class: 'card compression', 'aria-labelledby': 'compression-title' },
    h('h2', { id: 'compression-title' }, 'Weights'),
    h(
      'dl',
      {},
      h('div', {}, h('dt', {}, 'Compression'), h('dd', {}, ratio)),
      h('div', {}, h('dt', {}, 'Sparsity'), h('dd', {}, sparsity)),
    ),
    sizes,
    budget,
  );

  return {
    accuracy,
    compression,
    update(state) {
      const labels = {
        float: 'Float',
        int8Dense: 'int8',
        int8Sparse: METHOD_NAMES[state.method ?? 'east'],
      };
      let before: number | undefined;
      for (const { stage, label, value, change, element } of stages) {
        const now = state.accuracy[stage];
        setText(label, labels[stage]);
        setText(value, formatPercent(now, 1));
        element.classList.toggle('missing', now === undefined);
        setText(change, now === undefined || before === undefined ? '' : changeOf(now - before));
        before = now ?? before;
      }
      const { testExamples } = state.accuracy;
      setText(
        examples,
        testExamples === undefined
          ? state.activity === 'none'
            ? 'Measured while training.'
            : 'Latest evaluations.'
          : `${formatCount(testExamples)} test examples.`,
      );
      setText(ratio, state.ratio === undefined ? '–' : formatRatio(state.ratio));
      setText(sparsity, formatPercent(state.sparsity));
      const { denseBytes, encodedBytes, weightBudget } = state;
      setText(
        sizes,
        denseBytes === undefined
          ? ''
          : encodedBytes === undefined
            ? `${formatBytes(denseBytes)} as dense int8.`
            : `${formatBytes(denseBytes)} dense → ${formatBytes(encodedBytes)} encoded.`,
      );
      setText(
        budget,
        state.note !== undefined
          ? `${state.note.charAt(0).toUpperCase()}${state.note.slice(1)}.`
          : weightBudget === undefined
            ? ''
            : `Budget for weights: ${formatBytes(weightBudget)}.`,
      );
      setHidden(budget, budget.textContent === '');
    },
  };
}

/** `−0.3 points`; a true minus sign, and no sign on nothing. */
function changeOf(difference: number): string {
  const points = (100 * difference).toFixed(1);
  if (points === '0.0' || points === '-0.0') return '±0.0';
  return difference < 0 ? `−${points.slice(1)} points` : `+${points} points`;
}
