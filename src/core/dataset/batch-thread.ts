/**
 * Starts the prefetching thread: from the bundle beside this one in a built package, from the TypeScript source
 * (bundled in memory) in tests and scripts.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { build } from 'esbuild';
import type { BatchOptions } from './batches';

export async function startBatchThread(options: BatchOptions): Promise<Worker> {
  const settings = { workerData: options, execArgv: [], name: 'batches' };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./batch-worker.mjs', import.meta.url), settings);
  }
  // A variable, so that the package's bundler does not try to bundle the bundler.
  const bundler = 'esbuild';
  const esbuild: { build: typeof build } = await import(bundler);
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL('./batch-worker.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  return new Worker(outputFiles[0]!.text, { ...settings, eval: true });
}
