/** The constants of a spectral front end, as C has them in flash. */
import { STATISTICS, type SpectralConfig } from '../config';
import { filterBank } from './bands';
import { dctTable } from './dct';
import { hannHalf, quarterSine, transformSize } from './fft';
import { logTable } from './fixed-point';

export interface Table {
  readonly name: string;
  readonly type: 'uint8_t' | 'int16_t' | 'uint16_t' | 'int32_t';
  readonly values: ArrayLike<number>;
}

export const BYTES: Readonly<Record<Table['type'], number>> = {
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  int32_t: 4,
};

/** By the fields of struct east_spectral; a table without entries is NULL. */
export function spectralTables(config: SpectralConfig): Table[] {
  const size = transformSize(config.window);
  const { starts, weights } = bankOf(config);
  return [
    { name: 'sine', type: 'uint16_t', values: quarterSine(size) },
    { name: 'hann', type: 'uint16_t', values: hannHalf(config.window) },
    { name: 'logs', type: 'uint16_t', values: logTable() },
    { name: 'starts', type: 'uint16_t', values: starts },
    { name: 'weights', type: 'uint16_t', values: weights },
    {
      name: 'cosines',
      type: 'int16_t',
      values: config.kind === 'mfcc' ? dctTable(config.coefficients, config.bands) : [],
    },
    {
      name: 'chosen',
      type: 'uint8_t',
      values:
        config.kind === 'spectrum' ? config.statistics.map((name) => STATISTICS.indexOf(name)) : [],
    },
  ];
}

/** Without bands there is nothing to weigh. */
function bankOf(config: SpectralConfig): {
  starts: ArrayLike<number>;
  weights: ArrayLike<number>;
} {
  return config.bands === 0 ? { starts: [], weights: [] } : filterBank(config);
}
