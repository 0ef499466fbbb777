/** All targets by the name that `firmware.target` gives them. */
import { DEFAULT_TARGET, TARGET_IDS, type TargetId } from '../../config/config';
import { cortexM4 } from './cortex-m4/target';
import type { Target } from './target';

export const TARGETS = { 'cortex-m4': cortexM4 } satisfies Readonly<Record<TargetId, Target>>;

export function firmwareTarget(id: TargetId = DEFAULT_TARGET): Target {
  return TARGETS[id];
}

/** By its name for people. */
export function targetCalled(name: string): TargetId | undefined {
  return TARGET_IDS.find((id) => TARGETS[id].name === name);
}

/** What is verified there: `Cortex-M4 (QEMU)`. */
export function simulatedName({ name, simulator }: Target): string {
  return `${name} (${simulator.name})`;
}
