import { lookupCodes } from '../lookup/execute';
import { byCodes, type CodeTable } from '../rescaled/execute';
import type { TanhLayer } from './graph';

export const tanhCodes: CodeTable<TanhLayer> = (layer, model) =>
  lookupCodes(layer, model, Math.tanh);

export const tanh = byCodes<TanhLayer>({ scale: 1 / 128, zeroPoint: 0 }, tanhCodes);
