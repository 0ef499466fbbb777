/** What the network is given of a test example: the front end's codes, a column for each frame, the lowest feature at the bottom. */
import type { DashboardState, SeenExample, ToPage } from '../src/protocol/dashboard';
import { mix, themeColor, toRgb } from './colors';
import { button } from './controls';
import { h, setChildren, setHidden, setText } from './dom';
import { capitalised, formatCount } from './format';
import { send } from './host';

type Answer = Extract<ToPage, { type: 'example' | 'exampleFailed' }>;

export interface Spectrogram {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
  receive(message: Answer): void;
  /** In the colours of the theme as it is now. */
  draw(): void;
}

export function spectrogram(): Spectrogram {
  const canvas = h('canvas', { role: 'img' });
  const caption = h('figcaption', { role: 'status' });
  const across = h('div', { class: 'axis across', 'aria-hidden': 'true' });
  const up = h('div', { class: 'axis up', 'aria-hidden': 'true' });
  const plot = h('div', { class: 'plot' }, up, canvas, across);
  const axes = h('p', { class: 'axis-label' });
  const earlier = button('Previous example', 'secondary', () => ask(index - 1));
  const later = button('Next example', 'secondary', () => ask(index + 1));
  const element = h(
    'section',
    { class: 'seen', 'aria-labelledby': 'seen-title', hidden: true },
    h('h2', { id: 'seen-title' }, 'As the chip sees it'),
    h('div', { role: 'group', 'aria-label': 'Example' }, earlier, ' ', later),
    h('figure', {}, caption, plot, axes),
  );
  let runId: string | undefined;
  let request = 0;
  let index = 0;
  let shown: SeenExample | undefined;

  function ask(wanted: number): void {
    if (runId === undefined) return;
    const count = shown?.count ?? 1;
    index = (wanted + count) % count;
    request++;
    send({ type: 'example', request, runId, index });
  }

  function draw(): void {
    if (shown !== undefined) paint(canvas, shown);
  }

  return {
    element,
    draw,
    update(state) {
      const next = state.hasExamples ? state.runId : undefined;
      setHidden(element, next === undefined);
      if (next === runId) return;
      runId = next;
      shown = undefined;
      setText(caption, '');
      ask(0);
    },
    receive(message) {
      if (message.request !== request) return;
      setHidden(plot, message.type === 'exampleFailed');
      setHidden(axes, message.type === 'exampleFailed');
      if (message.type === 'exampleFailed') {
        shown = undefined;
        setText(caption, `It cannot be shown: ${message.message}`);
        return;
      }
      shown = message.example;
      const text = describe(shown);
      setText(caption, text);
      canvas.setAttribute('aria-label', text);
      const { frames, features, time, feature } = shown;
      setChildren(across, along(time, 'left'));
      setChildren(up, along(feature, 'bottom'));
      setText(
        axes,
        `${capitalised(time.title)} from left to right, ${feature.title} from bottom to top: ` +
          `${formatCount(frames)} frames of ${formatCount(features)} features; the stronger the colour, the larger.`,
      );
      draw();
    },
  };
}

/** What is written along an axis, from its left or its bottom on. */
function along({ title, ticks }: SeenExample['time'], from: 'left' | 'bottom'): HTMLElement[] {
  return [
    ...ticks.map(({ at, label }) => {
      const tick = h('span', { class: 'tick' }, label);
      tick.style[from] = `${(100 * at).toFixed(2)}%`;
      return tick;
    }),
    h('span', { class: 'title' }, title),
  ];
}

function describe({ index, count, label, told }: SeenExample): string {
  return [
    `Example ${formatCount(index + 1)} of ${formatCount(count)} of the test set`,
    ...(label === undefined ? [] : [`it is ${label}`]),
    ...(told === undefined ? [] : [`the network says ${told}`]),
  ].join(', ');
}

/** A pixel for each code; the style sheet makes it larger. */
function paint(canvas: HTMLCanvasElement, { frames, features, codes }: SeenExample): void {
  canvas.width = frames;
  canvas.height = features;
  const background = toRgb(themeColor('--vscode-editor-background', '#1f1f1f'));
  const strong = toRgb(themeColor('--vscode-charts-orange', '#d18616'), background);
  const image = new ImageData(frames, features);
  for (let frame = 0; frame < frames; frame++) {
    for (let feature = 0; feature < features; feature++) {
      const code = codes[frame * features + feature] ?? -128;
      const at = 4 * ((features - 1 - feature) * frames + frame);
      image.data.set([...mix(background, strong, (code + 128) / 255), 255], at);
    }
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
