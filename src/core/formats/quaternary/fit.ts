import { fewLevelsFit } from '../least-squares';
import { quaternary } from './format';

export const fit = fewLevelsFit(quaternary, 0.498);
