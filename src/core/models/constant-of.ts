/** Whether all of a constant is one number, as far as single precision tells. */
export function isConstantOf(values: ArrayLike<number>, value: number): boolean {
  return Array.from(values).every(
    (each) => Math.abs(each - value) <= 1e-6 * Math.max(1, Math.abs(value)),
  );
}
