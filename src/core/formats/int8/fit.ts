import { channelFit, largestOf } from '../channel-fit';
import { int8 } from './format';

/** TFLite's quantisation specification: the largest magnitude over 127, so that no kept weight is clipped; 1 where there is none. */
export const fit = channelFit({
  format: int8,
  fine: true,
  scale(magnitudes) {
    const largest = largestOf(magnitudes);
    return largest > 0 ? largest / int8.largestCode : 1;
  },
});
