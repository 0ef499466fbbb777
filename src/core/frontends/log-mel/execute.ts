/** Logarithms of the energies in mel bands, Q10 to the base 2. */
import type { LogMelConfig } from '../config';
import type { FrameFunction } from '../frontend';
import { createLogBands } from '../spectral/log-bands';

export function createLogMel(config: LogMelConfig): FrameFunction {
  const logBands = createLogBands(config);
  return (samples, at, features, to) => logBands(samples, at, 0, features, to);
}
