import { isRecord } from '../../util/is-record';
import type { Tf } from '../kernels/tf';

/** Whether a module loaded at run time offers what engines and kernels call of tfjs-core. */
export function isTf(value: unknown): value is Tf {
  const functions = ['setBackend', 'findBackend', 'registerBackend', 'customGrad'];
  return isRecord(value) && functions.every((name) => typeof value[name] === 'function');
}
