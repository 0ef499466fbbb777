/** The plot of the methods as SVG, drawn by the dashboard's chart library in the browser that the tests use. */
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { startBrowser } from '../../test/dashboard/page';
import { BUDGETS, DENSE, GREEDY, PRUNED } from './cells';
import type { Point, WidthPoint } from './plot-page';
import { meanOf, type CellResult } from './result';

export async function plotMethods(cells: readonly CellResult[]): Promise<string> {
  return drawn(`draw(${JSON.stringify(pointsOf(cells))})`);
}

/** Accuracy over width, a line for each size. */
export async function plotWidths(points: readonly WidthPoint[]): Promise<string> {
  return drawn(`drawWidths(${JSON.stringify(points)})`);
}

async function drawn(call: string): Promise<string> {
  const bundle = await build({
    absWorkingDir: resolve(import.meta.dirname, '../..'),
    entryPoints: [join(import.meta.dirname, 'plot-page.ts')],
    bundle: true,
    format: 'iife',
    write: false,
  });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: bundle.outputFiles[0]!.text });
    const svg: unknown = await page.evaluate(call);
    if (typeof svg !== 'string') throw new Error('nothing was drawn');
    return `${svg}\n`;
  } finally {
    await browser.close();
  }
}

function pointsOf(cells: readonly CellResult[]): Point[] {
  const budgets = [...BUDGETS].sort((a, b) => a - b);
  const pruned = [...PRUNED, ...GREEDY].flatMap(({ id, label, family }) => {
    const means = budgets.flatMap((budget) => {
      const found = meanOf(cells.filter((cell) => cell.method === id && cell.budget === budget));
      return found ?? [];
    });
    return means.map(({ bytes, accuracy }, i): Point => ({
      label,
      family,
      bytes: bytes / 1024,
      accuracy: 100 * accuracy,
      named: i === means.length - 1,
    }));
  });
  // Packed and, where that is smaller, with LZ4: the same accuracy.
  const dense = DENSE.flatMap(({ id, label, family }): Point[] => {
    const found = meanOf(cells.filter((cell) => cell.method === id));
    if (found === undefined) return [];
    const { packed, optimal } = found.sizes;
    return [optimal, packed].map((bytes, i) => ({
      label,
      family,
      bytes: bytes / 1024,
      accuracy: 100 * found.accuracy,
      named: i === 1,
    }));
  });
  return [...pruned, ...dense];
}
