/**
 * What tfjs-node 4.22 needs to load on current versions of Node.js, and without a page of remarks. Everything of that
 * kind is here; all of it is to go when the package no longer needs it.
 */
import { createRequire } from 'node:module';
import { env } from '@tensorflow/tfjs-core';

/** Calls `load` with the repairs in place. `threads` is for libtensorflow, which reads it once in a process. */
export function withRepairs<T>(threads: number, load: () => T): T {
  restoreUtilFunctions();
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  // Only errors; by default it tells of each processor feature that it uses or does not.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // oneDNN would build its programs for convolutions anew at every step, to save a few megabytes.
  process.env['TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE'] ??= 'false';
  return withoutRegistryWarnings(load);
}

/** Removed in Node 23; tfjs-node calls them in most of its kernels. */
function restoreUtilFunctions(): void {
  const util: unknown = createRequire(import.meta.url)('node:util');
  if (typeof util !== 'object' || util === null) return;
  const removed: Record<string, (value: unknown) => boolean> = {
    isArray: Array.isArray,
    isNullOrUndefined: (value) => value === null || value === undefined,
  };
  for (const [name, repair] of Object.entries(removed)) {
    if (typeof Reflect.get(util, name) !== 'function') Reflect.set(util, name, repair);
  }
}

/** It brings backends that are registered already, and tfjs-core warns of each of their 180 kernels. */
export function withoutRegistryWarnings<T>(load: () => T): T {
  const before = env().getBool('PROD');
  env().set('PROD', true);
  try {
    return load();
  } finally {
    env().set('PROD', before);
  }
}
