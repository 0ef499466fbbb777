import { fewLevelsFit } from '../least-squares';
import { int4 } from './format';

export const fit = fewLevelsFit(int4, 0.352);
