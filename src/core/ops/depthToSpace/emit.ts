import { emitMoves } from '../moved/emit';
import { depthToSpaceMoves } from './moves';

export const depthToSpace = emitMoves(depthToSpaceMoves);
