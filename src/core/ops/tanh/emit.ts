import { emitLookup } from '../lookup/emit';
import { tanhCodes } from './execute';

export const tanh = emitLookup(tanhCodes);
