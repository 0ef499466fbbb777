import { emitLookup } from '../lookup/emit';
import { eluCodes } from './execute';

export const elu = emitLookup(eluCodes);
