/** What a front end takes by itself: parts of a model's flash and RAM, and instructions beside those of an inference. */
import { frontendInterface, type CodeSize } from '../firmware/code-table';
import { frameInstructions } from '../firmware/instructions';
import type { RamUsage } from '../firmware/memory-plan';
import type { Target } from '../firmware/targets/target';
import type { FrontendConfig } from '../frontends/config';
import { frontendSources, frontendTableBytes } from '../frontends/emit';
import { layoutOf } from '../frontends/frontends';
import type { Graph } from '../graph/graph';

export interface FrontendCost {
  /** Bytes; parts of the model's tables, code and RAM. */
  readonly tables: number;
  readonly code: number;
  readonly ram: number;
  /** Of a frame, estimated for the target. */
  readonly instructions: number;
  /** That a window has, and that are computed for an output: along a stream those of a step. */
  readonly frames: { readonly window: number; readonly output: number };
}

/**
 * @param graph as it is deployed
 * @param code counted for that graph with its front end
 */
export function frontendCost(
  config: FrontendConfig | undefined,
  graph: Graph,
  { files }: Pick<CodeSize, 'files'>,
  { frontend: ram = 0 }: Pick<RamUsage, 'frontend'>,
  target: Target,
): FrontendCost | undefined {
  if (config === undefined) return undefined;
  const { frames } = layoutOf(config);
  const names = [...frontendSources(config), frontendInterface(graph)];
  return {
    tables: frontendTableBytes(config, target),
    code: names.reduce((sum, name) => sum + (files[name] ?? 0), 0),
    ram,
    instructions: Math.round(frameInstructions(config, target)),
    frames: { window: frames, output: graph.hop ?? frames },
  };
}
