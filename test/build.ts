/**
 * Builds `dist/` once before the tests, and again when watched files changed: test files that run at the same time must
 * not each write there, least of all while another starts what it holds.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

function build(): void {
  execFileSync(process.execPath, ['esbuild.mjs'], {
    cwd: resolve(import.meta.dirname, '..'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

export default function setup(project: TestProject): void {
  build();
  project.onTestsRerun(build);
}
