/** Tries a new installation in a process of its own: a graphics driver may take it down. */
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { UserError } from '../../../util/errors';
import { ending, lastLines, run } from '../native-install/command';

const resultSchema = v.union([
  v.object({
    description: v.string(),
    /** Whether a graphics processor computed, not the processor in its place. */
    hardware: v.boolean(),
    /** Largest relative difference between its gradients and those of WASM, float and quantisation-aware. */
    float: v.number(),
    quantized: v.number(),
  }),
  v.object({ reason: v.string() }),
]);

export type WebgpuCheck = Exclude<v.InferOutput<typeof resultSchema>, { reason: string }>;

/** As for the native engine; a GPU's division may differ from float32's by two roundings more. */
const TOLERANCE = { float: 1e-3, quantized: 0.05 } as const;

/** @throws UserError where the installation does not start, crashes or computes something else. */
export async function checkInProcess(folder: string, abort?: AbortSignal): Promise<WebgpuCheck> {
  const finished = await run(process.execPath, [...program(), folder], abort ? { abort } : {});
  if (finished?.status !== 0) {
    throw new UserError(
      finished
        ? `the GPU engine does not run here, so it is not installed: its process ended with ${ending(finished)}\n${lastLines(finished)}`
        : `could not start ${process.execPath}`,
    );
  }
  const answer: unknown = JSON.parse(finished.stdout.trim().split('\n').at(-1) ?? '');
  const result = v.parse(resultSchema, answer);
  if ('reason' in result) {
    throw new UserError(
      `the GPU engine does not run here, so it is not installed: ${result.reason}. Install or update the graphics driver, or train with the engine "wasm".`,
    );
  }
  if (!(result.float <= TOLERANCE.float && result.quantized <= TOLERANCE.quantized)) {
    throw new UserError(
      `${result.description} computes other gradients than WASM (relative difference ${result.float.toExponential(1)} in float, ${result.quantized.toExponential(1)} quantised), so it is not installed`,
    );
  }
  return result;
}

/** The bundle beside this one, or the source, when this is run from sources. */
function program(): string[] {
  if (!import.meta.url.endsWith('.ts')) {
    return [fileURLToPath(new URL('./webgpu-check.mjs', import.meta.url))];
  }
  return ['--import', 'tsx', fileURLToPath(new URL('./webgpu-check.ts', import.meta.url))];
}
