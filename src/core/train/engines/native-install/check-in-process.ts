/** Tries a new installation in a process of its own: a library that does not suit the machine may take it down. */
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { UserError } from '../../../util/errors';
import { ending, lastLines, run } from './command';

const resultSchema = v.object({
  /** Version of the library. */
  tensorflow: v.string(),
  /** Largest relative difference between its gradients and those of WASM, float and quantisation-aware. */
  float: v.number(),
  quantized: v.number(),
});

export type CheckResult = v.InferOutput<typeof resultSchema>;

/**
 * Sums in another order differ by a few float32 roundings; where a value lies between two levels of the int8 grid, that
 * can decide for the other one.
 */
const TOLERANCE = { float: 1e-3, quantized: 0.05 } as const;

/** @throws UserError where the installation does not load, crashes or computes something else. */
export async function checkInProcess(folder: string, abort?: AbortSignal): Promise<CheckResult> {
  const args = [...program(), folder];
  const finished = await run(process.execPath, args, abort ? { abort } : {});
  if (finished?.status !== 0) {
    throw new UserError(
      finished
        ? `the native engine was built, but does not run here: its process ended with ${ending(finished)}\n${lastLines(finished)}`
        : `could not start ${process.execPath}`,
    );
  }
  const result = v.parse(resultSchema, JSON.parse(finished.stdout.trim().split('\n').at(-1) ?? ''));
  if (result.float > TOLERANCE.float || result.quantized > TOLERANCE.quantized) {
    throw new UserError(
      `the native engine was built, but computes other gradients than WASM (relative difference ${result.float.toExponential(1)} in float, ${result.quantized.toExponential(1)} quantised), so it is not installed`,
    );
  }
  return result;
}

/** The bundle beside this one, or the source, when this is run from sources. */
function program(): string[] {
  if (!import.meta.url.endsWith('.ts')) {
    return [fileURLToPath(new URL('./native-check.mjs', import.meta.url))];
  }
  return ['--import', 'tsx', fileURLToPath(new URL('./native-check.ts', import.meta.url))];
}
