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
