import type { Parameters } from '../pass/parameters';
import type { TrainingSetup } from './setup';

/** An experiment's own ways to quantise take the place of the formats' rules. */
export function applyQuantizers({ quantizers }: TrainingSetup, parameters: Parameters): void {
  for (const [name, quantizer] of Object.entries(quantizers ?? {})) {
    parameters.get(name)!.quantizer = quantizer;
  }
}
