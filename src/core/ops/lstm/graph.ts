import type { GraphOp } from '../graph-op';
import type { LayerKey } from '../layer-keys';
import { UNITS } from '../layer-keys';
import type { RecurrentBase, RecurrentConfig } from '../recurrent/sequence';
import { RETURN_SEQUENCES, sequenceKeys, sequenceParts } from '../recurrent/sequence';

/** Input, forget, cell and output, in this order: that of Keras and TFLite. (ONNX has i, o, f, c; PyTorch i, f, g, o.) */
export const LSTM_GATES = 4;

/**
 * i, f, o = σ(W x + R h + b), g = tanh(…); c = f·c + i·g; h = o·tanh(c). Weights are stored [4 · units, inputs + units], as
 * sequence.ts says: of gate g and unit u in row g · units + u, those of W before those of R. Biases are those of W for all
 * rows, then those of R for all rows (zero where a framework has one bias).
 */
export interface LstmLayer extends RecurrentBase {
  readonly kind: 'lstm';
  readonly cellBits: number;
  readonly cellClip: number;
}

export interface LstmConfig extends RecurrentConfig {
  readonly type: 'lstm';
  readonly cellBits?: number;
  readonly cellClip?: number;
}

const CELL_BITS: LayerKey = {
  name: 'cellBits',
  schema: { type: 'integer', minimum: 0, maximum: 6 },
  description:
    'How large the cell of a layer of type {types} can become, as a power of two: with 4 it is kept within −16 … 16, in steps of 1/2048.',
  default: { value: 4 },
  examples: [3],
};

const CELL_CLIP: LayerKey = {
  name: 'cellClip',
  schema: { type: 'number', minimum: 0, maximum: 1024 },
  description:
    'The firmware keeps the cell of a layer of type {types} within this and its negative, as TFLite files ask for; 0 for no such limit. Training does not.',
  default: { value: 0 },
  examples: [10],
};

/** What the int16 cell is kept within. */
export function cellRange({ cellBits, cellClip }: LstmLayer): readonly [number, number] {
  if (cellClip === 0) return [-32768, 32767];
  const most = Math.min(Math.trunc(Math.fround(cellClip) * 2 ** (15 - cellBits)), 32767);
  return [-most, most];
}

export const lstm: GraphOp<LstmLayer, LstmConfig> = {
  types: { lstm: { defaultName: 'lstm' } },
  keys: [UNITS, RETURN_SEQUENCES, CELL_BITS, CELL_CLIP],
  example: { type: 'lstm', units: 16 },
  inputs: 1,
  layer: (config, place, _, fail) => ({
    ...place,
    kind: 'lstm',
    ...sequenceKeys(config, place.inputShape, fail),
    cellBits: config.cellBits ?? 4,
    cellClip: config.cellClip ?? 0,
  }),
  weights: {
    shape: (layer) => {
      const [inputs, states] = sequenceParts(layer);
      return [LSTM_GATES * layer.units, inputs + states];
    },
    channel: 'first',
    channels: ({ units }) => LSTM_GATES * units,
    parts: sequenceParts,
    together: true,
    macs: (layer) => {
      const [inputs, states] = sequenceParts(layer);
      return layer.inputShape[1] * LSTM_GATES * layer.units * (inputs + states);
    },
  },
  channels: 'own',
  last: false,
};
