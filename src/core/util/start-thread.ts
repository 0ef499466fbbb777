/**
 * Starts one of the package's threads: from the bundle beside this one in a built package, from the TypeScript source
 * (bundled in memory) in tests and scripts.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { build } from 'esbuild';

export interface ThreadSource {
  /** For people and debuggers. */
  readonly name: string;
  /** File in dist/ (esbuild.mjs), beside the bundle that starts it. */
  readonly bundle: string;
  /** `import.meta.url` of the caller, and the thread's source relative to it. */
  readonly caller: string;
  readonly source: string;
}

const bundled = new Map<string, Promise<string>>();

export async function startThread(thread: ThreadSource, workerData: unknown): Promise<Worker> {
  const settings = { workerData, execArgv: [], name: thread.name };
  if (!thread.caller.endsWith('.ts')) {
    return new Worker(new URL(thread.bundle, thread.caller), settings);
  }
  const source = new URL(thread.source, thread.caller).href;
  const code = bundled.get(source) ?? bundle(source);
  bundled.set(source, code);
  return new Worker(await code, { ...settings, eval: true });
}

async function bundle(source: string): Promise<string> {
  // A variable, so that the package's bundler does not try to bundle the bundler.
  const bundler = 'esbuild';
  const esbuild: { build: typeof build } = await import(bundler);
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Code that is evaluated has no place of its own to find packages from.
    define: { 'import.meta.url': JSON.stringify(source) },
    write: false,
  });
  return outputFiles[0]!.text;
}
