/** Values of a file with their dimensions, as the file has them. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
