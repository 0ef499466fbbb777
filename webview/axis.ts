/** What is written along the axes of a chart: labels that can be told apart and do not run into each other. */

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Of a chart's small print, in pixels. */
const LETTER_WIDTH = 6;

/** Those whose label does not run into that of the next. */
export function roomyBands(
  bands: readonly Band[],
  [low, high]: readonly [number, number],
  width: number,
): Band[] {
  const room = ({ from, to }: Band): number => ((to - from) / (high - low)) * width;
  return bands.filter(
    (band, i) => i === bands.length - 1 || room(band) > (band.label.length + 1) * LETTER_WIDTH,
  );
}

/** Multiples of a power of two of bytes, about as many as wanted. */
export function byteTicks(from: number, to: number, wanted: number): number[] {
  // Finer ones would read alike: a KiB is told to a tenth, a MiB to a hundredth.
  const finest = to < 1024 ? 1 : to < 1024 ** 2 ? 128 : 16_384;
  const step = Math.max(finest, 2 ** Math.round(Math.log2((to - from) / wanted)));
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
