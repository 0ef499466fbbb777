/** What is written along the axes of a chart: labels that can be told apart and do not run into each other. */

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Of a chart's small print, in pixels. */
const LETTER_WIDTH = 6;

export interface BandLabels {
  /** Written from where their band begins. */
  readonly starts: readonly Band[];
  /** Written to the end of the axis: the last one, where its band is too short for its name. */
  readonly end: Band | undefined;
}

/** Labels that neither run into the next nor over the edge; `width` is that of the axis. */
export function placeLabels(
  bands: readonly Band[],
  [low, high]: readonly [number, number],
  width: number,
): BandLabels {
  const place = (value: number): number => ((value - low) / (high - low)) * width;
  const needed = ({ label }: Band): number => (label.length + 1) * LETTER_WIDTH;
  const fits = (band: Band): boolean => place(band.to) - place(band.from) > needed(band);
  const last = bands.at(-1);
  const starts = bands.filter(fits);
  if (last === undefined || fits(last)) return { starts, end: undefined };
  const before = starts.at(-1);
  const free = before === undefined ? 0 : place(before.from) + needed(before);
  return { starts, end: width - needed(last) >= free ? last : undefined };
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

/** Multiples of 1, 2 or 5 times a power of ten within the range, three to six of them; the one value where there is no range. */
export function roundTicks(low: number, high: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((n) => n * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}
