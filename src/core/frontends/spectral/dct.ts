/** The discrete cosine transform (type II, orthonormal) that makes cepstral coefficients of the bands' logarithms. */

/** Fraction bits of the table. */
export const DCT_BITS = 14;

/** [coefficients, bands], Q14. */
export function dctTable(coefficients: number, bands: number): Int16Array {
  return Int16Array.from({ length: coefficients * bands }, (_, i) => {
    const [k, m] = [Math.floor(i / bands), i % bands];
    const norm = Math.sqrt((k === 0 ? 1 : 2) / bands);
    return Math.round(2 ** DCT_BITS * norm * Math.cos((Math.PI * k * (m + 0.5)) / bands));
  });
}
