import { fewLevelsFit } from '../least-squares';
import { ternary } from './format';

export const fit = fewLevelsFit(ternary, 1.224);
