/** The two results one came for: how well the network does at each stage, and what compression was gained. */
import type { DashboardState, Metric } from '../src/protocol/dashboard';
import { h, setChildren, setHidden, setText } from './dom';
import {
  capitalised,
  formatBytes,
  formatCount,
  formatMetric,
  formatPercent,
  formatRatio,
} from './format';

export interface Figures {
  readonly results: HTMLElement;
  readonly compression: HTMLElement;
  update(state: DashboardState): void;
}

interface StageCard {
  readonly label: HTMLElement;
  readonly value: HTMLElement;
  readonly change: HTMLElement;
  readonly element: HTMLElement;
}

export function figures(): Figures {
  const cards: StageCard[] = [];
  const title = h('h2', { id: 'results-title' });
  const stages = h('ol', { class: 'stages' });
  const examples = h('p', { class: 'note' });
  const results = h(
    'section',
    { class: 'card results', 'aria-labelledby': 'results-title' },
    title,
    stages,
    examples,
  );

  const ratio = h('span', { class: 'big' });
  const sparsity = h('span', { class: 'big' });
  const sizes = h('p', { class: 'note' });
  const budget = h('p', { class: 'note' });
  const decoding = h('p', { class: 'note' });
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
    decoding,
  );

  return {
    results,
    compression,
    update(state) {
      const { metric, testExamples } = state.results;
      setText(title, capitalised(metric.name));
      while (cards.length < state.results.stages.length) cards.push(stageCard());
      setChildren(
        stages,
        state.results.stages.map((_, i) => cards[i]!.element),
      );
      let before: number | undefined;
      state.results.stages.forEach(({ name, value: now }, i) => {
        const { label, value, change, element } = cards[i]!;
        setText(label, capitalised(name));
        setText(value, formatMetric(now, metric));
        element.classList.toggle('missing', now === undefined);
        setText(
          change,
          now === undefined || before === undefined ? '' : changeOf(now - before, metric),
        );
        before = now ?? before;
      });
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
      const { denseBytes, blobBytes, weightBudget } = state;
      setText(
        sizes,
        denseBytes === undefined
          ? ''
          : blobBytes === undefined
            ? `${formatBytes(denseBytes)} as dense int8.`
            : `${formatBytes(denseBytes)} dense → ${formatBytes(blobBytes)} encoded.`,
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
      setText(decoding, state.decoding === undefined ? '' : `Decoding: ${state.decoding}.`);
      setHidden(decoding, state.decoding === undefined);
    },
  };
}

function stageCard(): StageCard {
  const label = h('span', { class: 'stage' });
  const value = h('span', { class: 'big' });
  const change = h('span', { class: 'change' });
  return { label, value, change, element: h('li', {}, label, value, change) };
}

/** `−0.3 points`; a true minus sign, and no sign on nothing. */
function changeOf(difference: number, { unit }: Metric): string {
  const amount =
    unit === '%' ? (100 * Math.abs(difference)).toFixed(1) : Math.abs(difference).toPrecision(2);
  if (Number(amount) === 0) return unit === '%' ? '±0.0' : '±0';
  return `${difference < 0 ? '−' : '+'}${amount}${unit === '%' ? ' points' : ''}`;
}
