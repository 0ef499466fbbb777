/**
 * How many cores this process may keep busy: physical ones, since two threads of floating-point work on one core gain
 * next to nothing, and no more than affinity and a container's quota allow.
 */
import { arch, availableParallelism } from 'node:os';
import { readSystemFile } from './system-file';

const CPUS = '/sys/devices/system/cpu';

export function usableCores(): number {
  // Affinity is in the first number, in logical processors.
  const logical = availableParallelism();
  const physical = physicalCores() ?? (arch() === 'x64' ? Math.ceil(logical / 2) : logical);
  return Math.max(1, Math.floor(Math.min(logical, physical, quota() ?? Infinity)));
}

/** On Linux, from who shares a core with whom; undefined elsewhere. */
function physicalCores(): number | undefined {
  const cores = new Set<string>();
  for (let cpu = 0; ; cpu++) {
    const siblings = readSystemFile(`${CPUS}/cpu${cpu}/topology/thread_siblings_list`)?.trim();
    if (siblings === undefined) break;
    cores.add(siblings);
  }
  return cores.size > 0 ? cores.size : undefined;
}

/** Cores' worth of time that a Linux container may use; undefined where it is not limited. */
function quota(): number | undefined {
  const [limit, period] = (readSystemFile('/sys/fs/cgroup/cpu.max') ?? '').split(' ').map(Number);
  if (limit === undefined || period === undefined) return undefined;
  const cores = limit / period;
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}
