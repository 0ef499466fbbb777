import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { Shape } from '../shape';
import { placewise } from '../time';

/**
 * Which of the channels is the largest, at each place of a map; the first of several. What training, metrics and calibration
 * read are the scores that it chooses from (graph/scores.ts).
 */
export interface ArgmaxLayer extends LayerBase {
  readonly kind: 'argmax';
}

export interface ArgmaxConfig extends ConfigBase {
  readonly type: 'argmax';
}

/** An int8 tells so many indices apart. */
const MOST_CHANNELS = 256;

export const argmax: GraphOp<ArgmaxLayer, ArgmaxConfig> = {
  types: { argmax: { defaultName: 'argmax', fromFile: true } },
  keys: [],
  example: { type: 'argmax' },
  inputs: 1,
  layer: (_, place, __, fail) => {
    const [height, width, channels] = place.inputShape;
    if (channels > MOST_CHANNELS) {
      fail(
        `the largest of ${channels} channels is looked for, and the index of one of at most ${MOST_CHANNELS} fits an int8; end ` +
          'the network before it',
      );
    }
    const outputShape: Shape = [height, width, 1];
    return { ...place, kind: 'argmax', outputShape };
  },
  channels: 'own',
  overTime: placewise(),
  puts: 'index',
  last: true,
};
