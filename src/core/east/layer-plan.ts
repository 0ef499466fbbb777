/** How EAST chooses one layer's mask: what a search finds out once and the next one starts with. */

/** A way of choosing one layer's mask, and a factor on its multiplier that calibrates it to the layer. */
export interface LayerPlan {
  /** Which of the prices that the layer's codec has (codecs/prices.ts). */
  readonly model: string;
  readonly scale: number;
}

/** The layers' plans, and the price of a byte that they are the best for. */
export interface EastPlans {
  readonly price: number;
  readonly layers: readonly LayerPlan[];
}

/** Whether something read from a file is plans; whether they are for layers like those at hand is seen where they are used. */
export function isEastPlans(value: unknown): value is EastPlans {
  return (
    typeof value === 'object' &&
    value !== null &&
    'price' in value &&
    isPositive(value.price) &&
    'layers' in value &&
    Array.isArray(value.layers) &&
    value.layers.every(isLayerPlan)
  );
}

function isLayerPlan(value: unknown): value is LayerPlan {
  return (
    typeof value === 'object' &&
    value !== null &&
    'model' in value &&
    typeof value.model === 'string' &&
    'scale' in value &&
    isPositive(value.scale)
  );
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}
