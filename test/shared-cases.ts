/** Small projects and data sets of other people's, where somebody keeps them beside the repository (EAST_SHARED). */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';

const cases = join(process.env['EAST_SHARED'] ?? resolve('../shared'), 'cases');

/** Says so where there are none. */
export function haveSharedCases(): boolean {
  const there = existsSync(cases);
  if (!there)
    process.stderr.write(`skipped: no ${cases}; EAST_SHARED names the folder around it\n`);
  return there;
}

/** Copies cases by their number into a folder that is removed when the file's tests are done. */
export function caseCopies(): (number: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'east-cases-'));
  afterAll(() => {
    makeWritable(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return (number) => {
    const name = readdirSync(cases).find((entry) => entry.startsWith(number))!;
    const target = mkdtempSync(join(folder, `${number}-`));
    cpSync(join(cases, name), target, { recursive: true });
    makeWritable(target);
    writeFileSync(join(target, '.git'), '');
    return target;
  };
}

function makeWritable(folder: string): void {
  execFileSync('chmod', ['-R', 'u+w', folder]);
}
