import { executeMoves } from '../moved/execute';
import { sliceMoves } from './moves';

export const slice = executeMoves(sliceMoves);
