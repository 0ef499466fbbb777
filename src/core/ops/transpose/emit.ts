import { emitMoves } from '../moved/emit';
import { transposeMoves } from './moves';

export const transpose = emitMoves(transposeMoves);
