/** Tries a new installation in a process of its own: what does not suit the machine may take it down. */
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { UserError } from '../../util/errors';
import { ending, lastLines, run } from './command';
import { defined } from '../../util/defined';

export type InstalledEngine = 'native' | 'webgpu';

/** Largest relative difference between its gradients and those of WASM. */
const difference = { float: v.number(), quantized: v.number() };

const nativeCheck = v.object({
  /** Version of the library. */
  tensorflow: v.string(),
  ...difference,
});

const webgpuCheck = v.object({
  build: v.string(),
  /** Whether a graphics processor computed, not the processor in its place. */
  hardware: v.boolean(),
  ...difference,
});

export type NativeCheck = v.InferOutput<typeof nativeCheck>;
export type WebgpuCheck = v.InferOutput<typeof webgpuCheck>;

/**
 * Sums in another order differ by a few float32 roundings, a GPU's division by two more; where a value lies between two
 * levels of the int8 grid, that can decide for the other one.
 */
const TOLERANCE = { float: 1e-3, quantized: 0.05 } as const;

/** @throws UserError where the installation does not load, crashes or computes something else. */
export async function checkNative(folder: string, abort?: AbortSignal): Promise<NativeCheck> {
  const built = 'the native engine was built, but';
  const answer = await answerOf('native', folder, `${built} does not run here`, abort);
  const check = v.parse(nativeCheck, answer);
  requireSameGradients(`${built} computes`, check);
  return check;
}

/** @throws UserError where the installation does not start, crashes or computes something else. */
export async function checkWebgpu(folder: string, abort?: AbortSignal): Promise<WebgpuCheck> {
  const failure = 'the GPU engine does not run here, so it is not installed';
  const answer = await answerOf('webgpu', folder, failure, abort);
  const check = v.parse(v.union([webgpuCheck, v.object({ reason: v.string() })]), answer);
  if ('reason' in check) {
    throw new UserError(
      `${failure}: ${check.reason}. Install or update the graphics driver, or train with the engine "wasm".`,
    );
  }
  requireSameGradients(`${check.build} computes`, check);
  return check;
}

/** What the check program prints, JSON. `failure`: what it means when it does not end well. */
async function answerOf(
  engine: InstalledEngine,
  folder: string,
  failure: string,
  abort: AbortSignal | undefined,
): Promise<unknown> {
  const args = [...program(), engine, folder];
  const finished = await run(process.execPath, args, defined({ abort }));
  if (finished?.status !== 0) {
    throw new UserError(
      finished
        ? `${failure}: its process ended with ${ending(finished)}\n${lastLines(finished)}`
        : `could not start ${process.execPath}`,
    );
  }
  return JSON.parse(finished.stdout.trim().split('\n').at(-1) ?? '');
}

function requireSameGradients(
  subject: string,
  { float, quantized }: { readonly float: number; readonly quantized: number },
): void {
  if (float <= TOLERANCE.float && quantized <= TOLERANCE.quantized) return;
  throw new UserError(
    `${subject} other gradients than WASM (relative difference ${float.toExponential(1)} in float, ${quantized.toExponential(1)} quantised), so it is not installed`,
  );
}

/** The bundle beside this one, or the source, when this is run from sources. */
function program(): string[] {
  if (!import.meta.url.endsWith('.ts')) {
    return [fileURLToPath(new URL('./engine-check.mjs', import.meta.url))];
  }
  return ['--import', 'tsx', fileURLToPath(new URL('./check-program.ts', import.meta.url))];
}
