/** The code's size by the target's compiler: takes a second the first time, and runs a program. */
import type { PossibleFormats } from '../formats/formats';
import type { FrontendConfig } from '../frontends/config';
import type { Graph } from '../graph/graph';
import { codeBytes } from './code-size';
import { kernelsOf, type MeasuredCode } from './fixed-flash';
import type { Target } from './targets/target';

/** Without the compiler it is the table's. What is known already is passed on where it is of the same kernels. */
export async function measureCode(
  graph: Graph,
  formats: PossibleFormats,
  target: Target,
  known?: MeasuredCode,
  frontend?: FrontendConfig,
): Promise<MeasuredCode> {
  const kernels = kernelsOf(graph, formats, frontend);
  if (known?.kernels === kernels) return known;
  return { kernels, size: await codeBytes(graph, formats, target, frontend) };
}
