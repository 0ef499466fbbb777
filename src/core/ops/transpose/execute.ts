import { executeMoves } from '../moved/execute';
import { transposeMoves } from './moves';

export const transpose = executeMoves(transposeMoves);
