/** The weight map of one layer: where its bytes go, and what each weight is stored as. */
import type { ChannelOrder, DashboardState, ToPage } from '../src/protocol/dashboard';
import { onThemeChange } from './colors';
import { button, chooser, progressRing } from './controls';
import { h, setChildren, setHidden, setText } from './dom';
import { formatBytes, formatCount, formatPercent } from './format';
import { send } from './host';
import { setView, view } from './view-state';
import {
  channelOf,
  columnsFor,
  expand,
  naturalLength,
  segmentAt,
  type Cells,
  type Kind,
} from './weight-cells';
import {
  codeColor,
  css,
  drawScene,
  paint,
  palette,
  type Layout,
  type Marked,
  type Palette,
} from './weight-canvas';

export interface WeightMap {
  readonly element: HTMLElement;
  update(state: DashboardState): void;
  receive(message: Extract<ToPage, { type: 'weights' | 'weightsFailed' }>): void;
  /** Whole, not only the part that is seen. */
  png(): string | undefined;
  csv(): string | undefined;
  layer(): string | undefined;
}

const LABELS: Readonly<Record<Kind, string>> = {
  zeros: 'Zero runs',
  match: 'Matches',
  literal: 'Literals',
  raw: 'Raw (not compressed)',
  coded: 'Entropy-coded',
};
const ORDER = ['zeros', 'match', 'literal', 'coded', 'raw'] as const;
const ZOOMS = [1, 2, 4, 8] as const;
const HEIGHT = 440;

interface Shown {
  readonly runId: string;
  readonly layer: string;
  readonly shape: readonly number[];
  readonly order: ChannelOrder;
  readonly format: string | undefined;
  readonly cells: Cells;
}

export function weightMap(): WeightMap {
  const layers = chooser('Layer', (layer) => setView({ layer }));
  const zoomOut = button('−', 'secondary', () => zoom(-1));
  const zoomIn = button('+', 'secondary', () => zoom(1));
  zoomOut.setAttribute('aria-label', 'Zoom out');
  zoomIn.setAttribute('aria-label', 'Zoom in');
  const waiting = progressRing('Loading weights');
  const summary = h('p', { class: 'note summary' });
  const legend = h('ul', { class: 'legend' });
  const canvas = h('canvas', {
    tabindex: 0,
    role: 'img',
    'aria-label': 'Weight map',
    'aria-describedby': 'weight-map-help',
  });
  const spacer = h('div', { class: 'spacer' });
  const scroller = h('div', { class: 'scroller' }, canvas, spacer);
  const tip = h('div', { class: 'tip', 'aria-hidden': 'true' });
  const spoken = h('p', { class: 'hidden', 'aria-live': 'polite' });
  const nothing = h('p', { class: 'nothing' });
  const help = h('p', { class: 'note', id: 'weight-map-help' });
  const map = h(
    'div',
    { class: 'map' },
    summary,
    legend,
    h('div', { class: 'frame' }, scroller, tip),
    help,
    spoken,
  );

  let request = 0;
  let wanted = '';
  let state: DashboardState | undefined;
  let shown: Shown | undefined;
  let scene: { bitmap: OffscreenCanvas; layout: Layout; palette: Palette } | undefined;
  let marked: Marked | undefined;
  let frame = 0;

  function zoom(step: number): void {
    const at = ZOOMS.indexOf(view().zoom) + step;
    const value = ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, at))];
    if (value !== undefined) setView({ zoom: value });
    layOut();
  }

  /** Chooses the cells' size and paints them; what follows from layer, width, zoom and theme. */
  function layOut(): void {
    const width = scroller.clientWidth;
    if (shown === undefined || width < 20) return;
    const { cells } = shown;
    const density = window.devicePixelRatio;
    const total = cells.values.length;
    const columns = columnsFor(total, naturalLength(shown.order), width * density, width / HEIGHT);
    const rows = Math.ceil(total / columns);
    const fit = Math.min(width / columns, 22);
    const cell = Math.max(1, Math.floor(fit * view().zoom * density)) / density;
    const colors = palette();
    const layout = { columns, rows, cell };
    scene = { bitmap: paint(cells, columns, colors), layout, palette: colors };
    setChildren(legend, legendOf(cells, colors));
    const height = Math.min(HEIGHT, Math.ceil(rows * cell) + 1);
    scroller.style.height = `${height + (columns * cell > width ? 14 : 0)}px`;
    spacer.style.width = `${columns * cell}px`;
    spacer.style.height = `${rows * cell}px`;
    const visible = Math.min(width, Math.ceil(columns * cell) + 1);
    canvas.style.width = `${visible}px`;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(visible * density);
    canvas.height = Math.round(height * density);
    spacer.style.marginTop = `-${height}px`;
    drawSoon();
  }

  function drawSoon(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (shown === undefined || scene === undefined) return;
      const whole = { cells: shown.cells, marked, ...scene };
      drawScene(canvas, whole, scroller.scrollLeft, scroller.scrollTop);
    });
  }

  function mark(index: number | undefined): void {
    if (index === marked?.index) return;
    marked =
      index === undefined || shown === undefined
        ? undefined
        : { index, segment: segmentAt(shown.cells, index) };
    setHidden(tip, marked === undefined);
    if (marked !== undefined && shown !== undefined && scene !== undefined) {
      setChildren(
        tip,
        describe(shown, marked).map((line) => h('div', {}, line)),
      );
      placeTip(marked.index, scene.layout);
    }
    drawSoon();
  }

  function placeTip(index: number, { columns, cell }: Layout): void {
    const x = ((index % columns) + 1) * cell - scroller.scrollLeft;
    const y = (Math.floor(index / columns) + 1) * cell - scroller.scrollTop;
    const left = Math.min(x + 8, scroller.clientWidth - tip.offsetWidth - 4);
    const below = y + 8 + tip.offsetHeight < scroller.clientHeight + 60;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${below ? y + 8 : y - cell - 8 - tip.offsetHeight}px`;
  }

  scroller.addEventListener('scroll', drawSoon);
  canvas.addEventListener('pointermove', (event) => {
    if (scene === undefined || shown === undefined) return;
    const { columns, cell } = scene.layout;
    const column = Math.floor((event.offsetX + scroller.scrollLeft) / cell);
    const row = Math.floor((event.offsetY + scroller.scrollTop) / cell);
    const index = row * columns + column;
    mark(column < columns && index < shown.cells.values.length ? index : undefined);
  });
  canvas.addEventListener('pointerleave', () => mark(undefined));
  canvas.addEventListener('blur', () => mark(undefined));
  canvas.addEventListener('keydown', (event) => {
    if (scene === undefined || shown === undefined) return;
    const { columns, cell } = scene.layout;
    const last = shown.cells.values.length - 1;
    const at = marked?.index;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: (at ?? -1) + 1,
      ArrowLeft: (at ?? 1) - 1,
      ArrowDown: at === undefined ? 0 : at + columns,
      ArrowUp: (at ?? columns) - columns,
      // From one segment to the next.
      PageDown: marked?.segment.end ?? 0,
      PageUp: marked === undefined ? 0 : marked.segment.start - 1,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (event.key === 'Escape') mark(undefined);
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.min(last, Math.max(0, to));
    const top = Math.floor(index / columns) * cell;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + cell > scroller.scrollTop + HEIGHT) scroller.scrollTop = top + cell - HEIGHT;
    mark(index);
    if (marked !== undefined) setText(spoken, describe(shown, marked).join('. '));
  });
  new ResizeObserver(layOut).observe(scroller);
  onThemeChange(layOut);

  function show(message: string | undefined, busy: boolean): void {
    setText(nothing, message ?? '');
    setHidden(nothing, message === undefined);
    setHidden(map, message !== undefined || shown === undefined);
    setHidden(waiting, !busy);
  }

  return {
    element: h(
      'div',
      { class: 'weights' },
      h('div', { class: 'toolbar' }, layers.element, zoomOut, zoomIn, waiting),
      nothing,
      map,
    ),
    update(next) {
      state = next;
      const names = next.layers.map(({ name }) => name);
      const saved = view().layer;
      const layer = saved !== undefined && names.includes(saved) ? saved : heaviest(next);
      layers.set(
        names.map((name) => ({ value: name, label: name })),
        layer ?? '',
      );
      setHidden(layers.element, names.length === 0);
      const atZoom = ZOOMS.indexOf(view().zoom);
      zoomOut.toggleAttribute('disabled', atZoom === 0);
      zoomIn.toggleAttribute('disabled', atZoom === ZOOMS.length - 1);
      if (!next.hasWeights || next.runId === undefined || layer === undefined) {
        shown = undefined;
        wanted = '';
        show(
          'The weight map is drawn when a run has finished: it shows the bytes that lie in flash.',
          false,
        );
        return;
      }
      const key = `${next.runId}/${layer}`;
      if (key === wanted) return;
      wanted = key;
      marked = undefined;
      setHidden(tip, true);
      show(undefined, true);
      send({ type: 'weights', request: ++request, runId: next.runId, layer });
    },
    receive(message) {
      // Meanwhile something else may have been asked for.
      if (message.request !== request) return;
      if (message.type === 'weightsFailed') {
        shown = undefined;
        show(`The weights cannot be shown: ${message.message}`, false);
        return;
      }
      const cells = expand(message.tiles, message.codes, message.weightsPerByte);
      const layer = state?.layers.find(({ name }) => name === message.layer);
      if (cells === undefined || layer === undefined) {
        shown = undefined;
        show('The weights cannot be shown: their tiles contradict themselves.', false);
        return;
      }
      const { shape, format } = layer;
      const { runId, order } = message;
      shown = { runId, layer: message.layer, shape, order, format, cells };
      show(undefined, false);
      setText(summary, summaryOf(shown));
      setText(help, helpFor(cells));
      canvas.setAttribute('aria-label', `Weight map of ${message.layer}. ${summaryOf(shown)}`);
      layOut();
    },
    png() {
      if (scene === undefined) return undefined;
      const { columns, rows } = scene.layout;
      const size = Math.max(1, Math.min(12, Math.floor(2400 / columns)));
      const whole = document.createElement('canvas');
      whole.width = columns * size;
      whole.height = rows * size;
      const context = whole.getContext('2d');
      if (context === null) return undefined;
      context.imageSmoothingEnabled = false;
      context.drawImage(scene.bitmap, 0, 0, whole.width, whole.height);
      return whole.toDataURL('image/png').replace(/^[^,]*,/, '');
    },
    csv() {
      if (shown === undefined) return undefined;
      const { cells } = shown;
      // In weights; a segment is of whole bytes of `weightsPerByte` of them.
      const lines = ['tile,first,length,kind,offset,weightsPerByte'];
      for (let s = 0; s < cells.segments.count; s++) {
        const { start, end, kind, offset, tile } = segmentAt(cells, cells.segments.starts[s]!);
        lines.push([tile, start, end - start, kind, offset, cells.weightsPerByte].join(','));
      }
      return `${lines.join('\n')}\n`;
    },
    layer: () => shown?.layer,
  };
}

function helpFor({ matches, codedWeights, values, counts }: Cells): string {
  return [
    'Point at a weight, or move with the arrow keys, to see how it is stored.',
    ...(counts.coded > 0 ? ['Entropy-coded: the stronger, the longer the code.'] : []),
    ...(codedWeights < values.length ? ['The stronger, the larger the weight.'] : []),
    ...(matches > 0 ? ['Dashed: what a match repeats.'] : []),
  ].join(' ');
}

/** Where to begin: what a user wants to shrink. */
function heaviest({ layers }: DashboardState): string | undefined {
  return [...layers].sort((a, b) => (b.blobBytes ?? 0) - (a.blobBytes ?? 0))[0]?.name;
}

function summaryOf({ cells, shape, format }: Shown): string {
  const { storedBytes, codedBytes, codedWeights, tileStarts, values, weightsPerByte } = cells;
  const packed =
    weightsPerByte === 1 || codedWeights === values.length
      ? ''
      : ` as ${format ?? 'few bits'}, ${weightsPerByte} to a byte,`;
  const tiles = tileStarts.length === 1 ? 'one tile' : `${tileStarts.length} tiles`;
  return (
    `${shape.join('×')}: ${formatCount(values.length)} weights${packed} in ${formatCount(storedBytes)} bytes, ${tiles}. ` +
    [
      ...(codedWeights < values.length ? [blocksText(cells)] : []),
      ...(codedWeights > 0
        ? [
            `${formatBytes(codedBytes)} entropy-coded, ${((8 * codedBytes) / codedWeights).toFixed(2)} bits a weight.`,
          ]
        : []),
    ].join(' ')
  );
}

/** Of the tiles that are LZ4 blocks or raw. */
function blocksText({ storedBytes, codedBytes, literalBytes, matches }: Cells): string {
  const forMatches = Math.max(0, storedBytes - codedBytes - literalBytes);
  return `${formatBytes(literalBytes)} of literals, ${formatBytes(forMatches)} for ${formatCount(matches)} matches.`;
}

function legendOf({ counts, values, bitsRange }: Cells, colors: Palette): HTMLElement[] {
  const kinds = ORDER.filter((kind) => counts[kind] > 0).map((kind) => {
    const swatch = h('span', { class: `swatch kind-${kind}`, 'aria-hidden': 'true' });
    return h(
      'li',
      {},
      swatch,
      h('span', {}, LABELS[kind]),
      h('b', {}, formatPercent(counts[kind] / values.length)),
    );
  });
  return bitsRange === undefined ? kinds : [...kinds, codeLengthsKey(bitsRange, colors)];
}

/** What the colours of an entropy coder's weights stand for. */
function codeLengthsKey(
  [shortest, longest]: readonly [number, number],
  colors: Palette,
): HTMLElement {
  const ramp = h('span', { class: 'ramp', 'aria-hidden': 'true' });
  const stops = [0, 0.3, 0.6, 0.8, 1].map((at) => `${css(codeColor(colors, at))} ${100 * at}%`);
  ramp.style.background = `linear-gradient(to right, ${stops.join(', ')})`;
  return h(
    'li',
    { class: 'code-lengths' },
    h('span', {}, 'Code of a weight:'),
    h('b', {}, formatBits(shortest)),
    ramp,
    h('b', {}, formatBits(longest)),
  );
}

function formatBits(bits: number): string {
  return `${bits.toFixed(bits < 1 ? 2 : 1)} bits`;
}

function describe({ cells, order }: Shown, { index, segment }: Marked): string[] {
  const { start, end, offset, tile, kind } = segment;
  const length = end - start;
  const { weightsPerByte, bits } = cells;
  const bytes = Math.ceil(length / weightsPerByte);
  const weight = `${formatCount(length)} weight${length === 1 ? '' : 's'}`;
  const coded = kind === 'coded' || (kind === 'zeros' && offset === 0);
  const weights = coded
    ? `${weight} in ${codedText(bits.subarray(start, end))}`
    : weight +
      (weightsPerByte === 1 ? '' : ` in ${formatCount(bytes)} byte${bytes === 1 ? '' : 's'}`);
  const words = {
    zeros: `Zero run of ${weights}`,
    match: `Match of ${weights}`,
    literal: literalText(bytes, weightsPerByte === 1 ? '' : ` of ${formatCount(length)} weights`),
    raw: `Raw, ${weights}`,
    coded: `Entropy-coded, ${weights}`,
  };
  const what = words[kind];
  const source =
    offset === 0
      ? undefined
      : `repeats weight ${formatCount(start - offset)}, ${formatCount(offset)} back`;
  return [
    [what, source].filter((part) => part !== undefined).join(', '),
    `Weight ${formatCount(index)} = ${cells.values[index]}` +
      (coded ? ` in ${formatBits(bits[index]!)}` : '') +
      ` · channel ${channelOf(order, index)}` +
      (cells.tileStarts.length > 1 ? ` · tile ${tile}` : ''),
  ];
}

/** What the codes of so many weights take together. */
function codedText(bits: Float32Array): string {
  const all = bits.reduce((sum, length) => sum + length, 0);
  return all < 16 ? formatBits(all) : `${formatCount(Math.round(all / 8))} bytes`;
}

function literalText(bytes: number, weights: string): string {
  return (bytes === 1 ? 'One literal' : `${formatCount(bytes)} literals`) + weights;
}
