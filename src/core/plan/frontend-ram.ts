/** RAM of a front end beside the network's arena, which it works in while the network is idle. */
import type { MemoryPlan, RamUsage } from '../firmware/memory-plan';
import type { FrontendConfig } from '../frontends/config';
import { arenaWith, frontendState } from '../frontends/ram';
import type { Graph } from '../graph/graph';
import { nearestPlan, requireRam } from './memory';

/** What of budget.ram is left for the arena. */
function ramForArena(
  graph: Graph,
  ramBudget: number | undefined,
  frontend: FrontendConfig | undefined,
): number | undefined {
  if (ramBudget === undefined || frontend === undefined) return ramBudget;
  return Math.max(0, ramBudget - frontendState(frontend, graph.hop));
}

/** Bytes in which the front end can do its work, with its state: below that no network helps. */
export function leastRam(
  { least, stream }: Pick<MemoryPlan, 'least' | 'stream'>,
  frontend: FrontendConfig | undefined,
): number {
  if (frontend === undefined) return least.bytes;
  const step = stream?.step.hop;
  return arenaWith(least.bytes, frontend, step) + frontendState(frontend, step);
}

/** RAM of the arena, with that of the front end as a part of its own. */
export function withFrontend(
  { ram, stream }: Pick<MemoryPlan, 'ram' | 'stream'>,
  frontend: FrontendConfig | undefined,
): RamUsage {
  if (frontend === undefined) return ram;
  const step = stream?.step.hop;
  const own = frontendState(frontend, step) + arenaWith(ram.total, frontend, step) - ram.total;
  return { ...ram, frontend: own, total: ram.total + own };
}

/** As nearestPlan, within what the front end leaves. */
export function nearestArena(
  graph: Graph,
  ramBudget: number | undefined,
  frontend: FrontendConfig | undefined,
): MemoryPlan {
  return nearestPlan(graph, ramForArena(graph, ramBudget, frontend));
}

/** As planMemory, within what the front end leaves. */
export function planArena(
  graph: Graph,
  ramBudget: number | undefined,
  frontend: FrontendConfig | undefined,
): MemoryPlan {
  const plan = nearestArena(graph, ramBudget, frontend);
  requireArena(plan, ramBudget, frontend);
  return plan;
}

/** As requireRam, for network and front end together. */
export function requireArena(
  plan: MemoryPlan,
  ramBudget: number | undefined,
  frontend: FrontendConfig | undefined,
): void {
  const bytes = leastRam(plan, frontend);
  requireRam({ ...plan, least: { ...plan.least, bytes } }, ramBudget);
}
