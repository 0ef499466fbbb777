import { lookupCodes } from '../lookup/execute';
import { byCodes, type CodeTable } from '../rescaled/execute';
import type { EluLayer } from './graph';

export const eluCodes: CodeTable<EluLayer> = (layer, model) =>
  lookupCodes(layer, model, (x) => (x < 0 ? Math.fround(Math.exp(x)) - 1 : x));

export const elu = byCodes<EluLayer>('own', eluCodes);
