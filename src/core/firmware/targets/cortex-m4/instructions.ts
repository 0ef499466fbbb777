/**
 * What work costs on a Cortex-M4 in instructions, as QEMU counts them: least squares over the layers of networks of each kind,
 * which meet what is counted of whole networks within a tenth (test/firmware/instructions.test.ts).
 * Front ends: fitted to those that test/firmware/frontend-model.test.ts holds them against, within an eighth.
 * LZ4: between 1.9 a byte of int8 weights and 2.7 of packed ones. Unpacking: docs/firmware.md.
 */
import type { InstructionCosts } from '../target';

export const instructions: InstructionCosts = {
  kernels: {
    east_conv_2d: { multiply: 1, output: 34, gathered: 3.6, gatheredApart: 12 },
    east_conv_2d_general: { multiply: 1, output: 34, gathered: 6, gatheredApart: 12 },
    east_depthwise_conv_2d: { multiply: 3, output: 42 },
    east_dense: { multiply: 1.9, output: 65 },
    east_dense_int8: { multiply: 1.54, output: 55 },
    east_dense_int4: { multiply: 2.2, output: 56 },
    east_dense_quaternary: { multiply: 2.6, output: 129 },
    east_dense_ternary: { multiply: 5.2, output: 273 },
    east_dense_binary: { multiply: 2.05, output: 53 },
    east_add: { output: 59 },
    east_max_pool_2d: { output: 8, input: 2.5 },
    east_average_pool_2d: { output: 32, input: 7.4 },
    east_softmax: { output: 200 },
  },
  others: { multiply: 3, output: 45 },
  inference: 3000,
  decode: {
    raw: { symbol: 0, tile: 0 },
    lz4: { symbol: 2.4, tile: 0 },
    entropy: { symbol: 10.8, tile: 2000 },
  },
  frontend: {
    frame: 29,
    feature: 31.4,
    sample: 31.8,
    transform: 6.68,
    band: 330,
    product: 7.55,
    statistic: 46.2,
  },
  unpack: { int8: 0, int4: 3, quaternary: 3, ternary: 5.2, binary: 2.8 },
};
