import { lookupCodes } from '../lookup/execute';
import { byCodes, type CodeTable } from '../rescaled/execute';
import type { SigmoidLayer } from './graph';

export const sigmoidCodes: CodeTable<SigmoidLayer> = (layer, model) =>
  lookupCodes(layer, model, (x) => 1 / Math.fround(1 + Math.fround(Math.exp(-x))));

export const sigmoid = byCodes<SigmoidLayer>({ scale: 1 / 256, zeroPoint: -128 }, sigmoidCodes);
