/** How a run comes to its network: by what its config asks for, else by its report. */
import { workOf } from '../../core/tasks/work';

/** The part of a recorded config that says so. */
export interface MethodConfig {
  readonly east: { readonly method: string };
  readonly model?: { readonly file?: string; readonly use?: string };
}

/** In the words of reports (run/run-as-is.ts, run/run-quantized.ts). */
export function methodOf(
  run:
    | {
        readonly report?: { readonly method: string };
        readonly config: MethodConfig | undefined;
      }
    | undefined,
): string | undefined {
  const work = workOf(run?.config?.model);
  if (work === 'train') return run?.config?.east.method ?? run?.report?.method;
  return work === 'encode' ? 'as it is' : 'quantised here';
}
