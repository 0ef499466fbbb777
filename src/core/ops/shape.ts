/** What a tensor of the network looks like, and the few words that several kinds of layers share. */

/** Height, width, channels of one example; tabular data is [1, 1, features], a sensor window [1, time, channels]. */
export type Shape = readonly [height: number, width: number, channels: number];

export type Pair = readonly [vertical: number, horizontal: number];
/** Rows and columns of padding around an image. */
export type Sides = readonly [top: number, bottom: number, left: number, right: number];
/** How an image is padded for a window that moves over it (window.ts says where each lies). */
export type Padding = 'same' | 'valid' | 'causal' | Sides;
export type Clamp = 'relu' | 'relu6';
/** Fused into the layer that has it; the firmware clamps, it never runs as an operation of its own. */
export type Activation = 'none' | Clamp;

/** Clamping twice is clamping to the smaller range, so a ReLU can always join a layer that has one already. */
export function clamped<L extends { readonly activation: Activation }>(layer: L, by: Clamp): L {
  return { ...layer, activation: layer.activation === 'relu6' ? 'relu6' : by };
}

/** Whether the activation of a positive multiple is that multiple of the activation. */
export function homogeneous({ activation }: { readonly activation: Activation }): boolean {
  return activation !== 'relu6';
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.every((n, i) => n === b[i]);
}

/** `32×32×3` */
export function formatShape(shape: readonly number[]): string {
  return shape.join('×');
}
