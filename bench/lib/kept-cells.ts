/** Cells of a grid of trainings: each in a file of its own once it is finished, so that none ever runs twice. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/core/report/report';
import { writeFileAtomic } from '../../src/core/run/atomic-file';

/** What every cell keeps of its run's report. */
export interface MeasuredCell {
  /** Over the test examples; `float` of what the cell started from. */
  readonly measured: Report['measured'];
  readonly testExamples: number;
  /** Header, tile table and blocks. */
  readonly blobBytes: number;
  readonly denseBytes: number;
  /** Fraction of the weights that are zero. */
  readonly sparsity: number;
}

export function measuredIn(report: Report): MeasuredCell {
  const { measured, testExamples, flash, denseBytes, sparsity } = report;
  return { measured, testExamples, blobBytes: flash.weights, denseBytes, sparsity };
}

export function keepCell(file: string, cell: object): void {
  writeFileAtomic(file, `${JSON.stringify(cell, null, 2)}\n`);
}

/** All that the folder has. */
export function keptCells<Cell>(folder: string): Cell[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name): Cell => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}
