/** How far an autoencoder's output is from its input, in the very integers that the generated C computes. */
import type { CodeScale } from '../facts';

/** Parts of the coarser of the two codes that differences are counted in. */
const PARTS = 256;
/** Squares of differences are below 2³⁴, their mean in these units below 2³². */
const SQUARES = 4;

export interface ScoreFactors {
  /** What a code less its zero point is multiplied with. Whole numbers. */
  readonly input: number;
  readonly output: number;
  /** Mean squared error for each unit of the score. */
  readonly scale: number;
}

export function scoreFactors(input: CodeScale, output: CodeScale): ScoreFactors {
  const unit = Math.max(input.scale, output.scale) / PARTS;
  return {
    input: Math.round(input.scale / unit),
    output: Math.round(output.scale / unit),
    scale: SQUARES * unit * unit,
  };
}

/** Score of one example: the mean of the squared differences, rounded down. */
export function reconstructionScore(
  input: Int8Array,
  output: Int8Array,
  scales: { readonly input: CodeScale; readonly output: CodeScale },
): number {
  const factors = scoreFactors(scales.input, scales.output);
  let sum = 0;
  for (let i = 0; i < input.length; i++) {
    const difference =
      (input[i]! - scales.input.zeroPoint) * factors.input -
      (output[i]! - scales.output.zeroPoint) * factors.output;
    sum += difference * difference;
  }
  const divisor = SQUARES * input.length;
  return (sum - (sum % divisor)) / divisor;
}
