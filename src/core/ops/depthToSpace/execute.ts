import { executeMoves } from '../moved/execute';
import { depthToSpaceMoves } from './moves';

export const depthToSpace = executeMoves(depthToSpaceMoves);
