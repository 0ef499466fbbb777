import { emitLookup } from '../lookup/emit';
import { sigmoidCodes } from './execute';

export const sigmoid = emitLookup(sigmoidCodes);
