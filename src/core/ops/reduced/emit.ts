/** The kernel that makes one value of many: their mean, or the largest. */
import { braces } from '../../firmware/c-text';
import type { LayerBase } from '../layer';
import { reducedSizes, type Reduced } from './graph';

/** Initialiser of struct east_reduced. */
export function reducedValues(layer: LayerBase & Reduced): string {
  return braces(
    braces(...layer.inputShape),
    braces(...layer.outputShape),
    braces(...reducedSizes(layer)),
  );
}

export function reducedDimensions({ inputShape }: LayerBase): readonly number[] {
  return inputShape;
}
