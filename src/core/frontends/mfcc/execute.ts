/** Mel-frequency cepstral coefficients: the cosine transform of the logarithms of mel bands, Q10. */
import type { MfccConfig } from '../config';
import type { FrameFunction } from '../frontend';
import { DCT_BITS, dctTable } from '../spectral/dct';
import { createLogBands } from '../spectral/log-bands';

export function createMfcc(config: MfccConfig): FrameFunction {
  const { bands, coefficients } = config;
  const logBands = createLogBands(config);
  const table = dctTable(coefficients, bands);
  const logs = new Int32Array(bands);
  const one = 2 ** DCT_BITS;
  return (samples, at, features, to) => {
    logBands(samples, at, 0, logs, 0);
    for (let k = 0; k < coefficients; k++) {
      let sum = one / 2;
      for (let m = 0; m < bands; m++) sum += logs[m]! * table[k * bands + m]!;
      features[to + k] = Math.floor(sum / one);
    }
  };
}
