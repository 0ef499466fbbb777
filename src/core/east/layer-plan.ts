/** How EAST chooses one layer's mask: what a search finds out once and the next one starts with. */

/** Ways of choosing; see east-masks.ts. */
export const EAST_MODELS = ['clusters', 'gaps', 'magnitude', 'runs'] as const;
export type EastModel = (typeof EAST_MODELS)[number];

/** A way of choosing one layer's mask, and a factor on its multiplier that calibrates it to the layer. */
export interface LayerPlan {
  readonly model: EastModel;
  readonly scale: number;
}

/** The layers' plans, and the price of a byte that they are the best for. */
export interface EastPlans {
  readonly price: number;
  readonly layers: readonly LayerPlan[];
}

/** Whether something read from a file is plans; how many layers they are for is the caller's to check. */
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
    EAST_MODELS.some((model) => model === value.model) &&
    'scale' in value &&
    isPositive(value.scale)
  );
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}
