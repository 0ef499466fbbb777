/**
 * Draws a layer's weights, one cell each. The cells are painted once into a bitmap of a pixel per weight; scrolling and
 * pointing only copy the part that is seen, so a million weights stay fluid.
 */
import { mix, themeColor, toRgb, type Rgb } from './colors';
import { SEGMENT_KINDS } from '../src/protocol/dashboard';
import type { Cells, Kind, Segment } from './weight-cells';

export interface Layout {
  readonly columns: number;
  readonly rows: number;
  /** CSS pixels per weight; a whole number of device pixels. */
  readonly cell: number;
}

export interface Palette {
  readonly background: Rgb;
  readonly foreground: string;
  readonly kinds: Readonly<Record<Kind, Rgb>>;
}

export function palette(): Palette {
  const background = toRgb(themeColor('--vscode-editor-background', '#1f1f1f'));
  const foreground = themeColor('--vscode-foreground', '#cccccc');
  const color = (name: string, fallback: string): Rgb =>
    toRgb(themeColor(`--vscode-charts-${name}`, fallback), background);
  return {
    background,
    foreground,
    kinds: {
      zeros: mix(background, toRgb(foreground, background), 0.1),
      match: color('orange', '#d18616'),
      literal: color('blue', '#1a85ff'),
      raw: color('purple', '#652d90'),
      coded: color('green', '#388a34'),
    },
  };
}

/**
 * The colour of an entropy coder's weight, from the layer's shortest code, which is faint, to its longest, which stands out
 * in any theme.
 */
export function codeColor({ background, foreground, kinds }: Palette, share: number): Rgb {
  const strong = mix(kinds.coded, toRgb(foreground, background), 0.75);
  return share < 0.6
    ? mix(background, kinds.coded, 0.25 + (0.75 * share) / 0.6)
    : mix(kinds.coded, strong, (share - 0.6) / 0.4);
}

const CODE_COLORS = 64;

/**
 * One pixel per weight. A larger weight is stronger in colour, or one of a longer code where an entropy coder stores it;
 * neighbouring runs of zeros differ a little.
 */
export function paint(cells: Cells, columns: number, colors: Palette): OffscreenCanvas {
  const { background, kinds } = colors;
  const { values, segments, bits, bitsRange: [shortest, longest] = [0, 1] } = cells;
  const rows = Math.ceil(values.length / columns);
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  let largest = 1;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  // A step for each magnitude, so that painting is looking up.
  const tables = SEGMENT_KINDS.map((kind) =>
    Uint32Array.from({ length: 129 }, (_, magnitude) =>
      pack(
        kind === 'zeros'
          ? kinds.zeros
          : mix(background, kinds[kind], 0.3 + 0.7 * Math.sqrt(Math.min(1, magnitude / largest))),
      ),
    ),
  );
  const otherZeros = pack(mix(background, kinds.zeros, 0.45));
  const codes = Uint32Array.from({ length: CODE_COLORS }, (_, i) =>
    pack(codeColor(colors, i / (CODE_COLORS - 1))),
  );
  const perBit = (CODE_COLORS - 1) / (longest - shortest || 1);
  const [zeros, coded] = [SEGMENT_KINDS.indexOf('zeros'), SEGMENT_KINDS.indexOf('coded')];
  let odd = false;
  for (let s = 0; s < segments.count; s++) {
    const start = segments.starts[s]!;
    const end = s + 1 < segments.count ? segments.starts[s + 1]! : values.length;
    const kind = cells.kinds[start]!;
    if (kind === zeros) {
      pixels.fill(odd ? otherZeros : tables[kind]![0]!, start, end);
      odd = !odd;
      continue;
    }
    if (kind === coded) {
      for (let i = start; i < end; i++)
        pixels[i] = codes[Math.round((bits[i]! - shortest) * perBit)]!;
      continue;
    }
    const table = tables[kind]!;
    for (let i = start; i < end; i++) pixels[i] = table[Math.abs(values[i]!)]!;
  }
  const bitmap = new OffscreenCanvas(columns, rows);
  bitmap.getContext('2d')?.putImageData(image, 0, 0);
  return bitmap;
}

/** Little-endian RGBA, as ImageData lies in memory on every machine that runs VS Code. */
function pack([red, green, blue]: Rgb): number {
  return (255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red);
}

export interface Marked {
  readonly segment: Segment;
  readonly index: number;
}

export interface Scene {
  readonly cells: Cells;
  readonly bitmap: OffscreenCanvas;
  readonly layout: Layout;
  readonly palette: Palette;
  readonly marked: Marked | undefined;
}

/** `x`, `y`: what part of the map is at the canvas's corner; all in CSS pixels. */
export function drawScene(canvas: HTMLCanvasElement, scene: Scene, x: number, y: number): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  const { cell } = scene.layout;
  context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
  context.fillStyle = css(scene.palette.background);
  context.fillRect(x, y, canvas.clientWidth, canvas.clientHeight);
  context.imageSmoothingEnabled = false;
  const { columns, rows } = scene.layout;
  const top = Math.max(0, Math.floor(y / cell));
  const height = Math.min(rows - top, Math.ceil(canvas.clientHeight / cell) + 1);
  if (height <= 0) return;
  context.drawImage(
    scene.bitmap,
    0,
    top,
    columns,
    height,
    0,
    top * cell,
    columns * cell,
    height * cell,
  );
  if (cell >= 7) drawGrid(context, scene, top, height);
  drawTileEdges(context, scene);
  if (scene.marked !== undefined) drawMarked(context, scene, scene.marked);
}

function drawGrid(
  context: CanvasRenderingContext2D,
  { layout: { columns, cell }, palette: { background } }: Scene,
  top: number,
  height: number,
): void {
  context.fillStyle = css(background);
  for (let c = 1; c < columns; c++) context.fillRect(c * cell - 0.5, top * cell, 1, height * cell);
  for (let r = top; r <= top + height; r++) {
    context.fillRect(0, r * cell - 0.5, columns * cell, 1);
  }
}

function drawTileEdges(
  context: CanvasRenderingContext2D,
  { cells, layout: { columns, cell }, palette: { foreground } }: Scene,
): void {
  context.strokeStyle = foreground;
  context.lineWidth = 1;
  context.beginPath();
  for (const start of cells.tileStarts.slice(1)) {
    const [row, column] = [Math.floor(start / columns), start % columns];
    context.moveTo(0, (column === 0 ? row : row + 1) * cell);
    context.lineTo(column * cell, (column === 0 ? row : row + 1) * cell);
    context.lineTo(column * cell, row * cell);
    context.lineTo(columns * cell, row * cell);
  }
  context.stroke();
}

function drawMarked(
  context: CanvasRenderingContext2D,
  { layout, palette: { foreground, background } }: Scene,
  { segment: { start, end, offset }, index }: Marked,
): void {
  const outline = (from: number, to: number, dashed: boolean): void => {
    trace(context, layout, from, to);
    context.setLineDash([]);
    context.strokeStyle = css(background);
    context.lineWidth = 4;
    context.stroke();
    context.setLineDash(dashed ? [4, 3] : []);
    context.strokeStyle = foreground;
    context.lineWidth = 2;
    context.stroke();
    context.setLineDash([]);
  };
  // A match may repeat what it has only just written: then its source ends where it begins.
  if (offset > 0) outline(start - offset, Math.min(start, end - offset), true);
  outline(start, end, false);
  const { columns, cell } = layout;
  context.fillStyle = foreground;
  const size = Math.max(2, cell / 3);
  context.fillRect(
    (index % columns) * cell + (cell - size) / 2,
    Math.floor(index / columns) * cell + (cell - size) / 2,
    size,
    size,
  );
}

/** The edge of a run of weights that may go over several rows. */
function trace(
  context: CanvasRenderingContext2D,
  { columns, cell }: Layout,
  from: number,
  to: number,
): void {
  const [top, left] = [Math.floor(from / columns), from % columns];
  const [bottom, right] = [Math.floor((to - 1) / columns), ((to - 1) % columns) + 1];
  context.beginPath();
  if (top === bottom) {
    context.rect(left * cell, top * cell, (right - left) * cell, cell);
    return;
  }
  if (bottom === top + 1 && right <= left) {
    context.rect(left * cell, top * cell, (columns - left) * cell, cell);
    context.rect(0, bottom * cell, right * cell, cell);
    return;
  }
  context.moveTo(left * cell, top * cell);
  context.lineTo(columns * cell, top * cell);
  context.lineTo(columns * cell, bottom * cell);
  context.lineTo(right * cell, bottom * cell);
  context.lineTo(right * cell, (bottom + 1) * cell);
  context.lineTo(0, (bottom + 1) * cell);
  context.lineTo(0, (top + 1) * cell);
  context.lineTo(left * cell, (top + 1) * cell);
  context.closePath();
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)})`;
}
