import { fewLevelsFit } from '../least-squares';
import { binary } from './format';

export const fit = fewLevelsFit(binary, 0.798);
