import { emitMoves } from '../moved/emit';
import { sliceMoves } from './moves';

export const slice = emitMoves(sliceMoves);
