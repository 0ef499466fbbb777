/**
 * What work costs on a Cortex-M4 in instructions, as QEMU counts them (bench/stored.ts, bench/results/stored.json; unpacking:
 * docs/firmware.md). Computing: the plane through MLPerf Tiny's ResNet-8 and DS-CNN with raw weights, which meets the
 * autoencoder's 0.51 million within a tenth. LZ4: between 1.9 a byte of int8 weights and 2.7 of packed ones.
 */
import type { InstructionCosts } from '../target';

export const instructions: InstructionCosts = {
  multiply: 1.43,
  output: 56,
  decode: {
    raw: { symbol: 0, tile: 0 },
    lz4: { symbol: 2.4, tile: 0 },
    entropy: { symbol: 10.8, tile: 2000 },
  },
  unpack: { int8: 0, int4: 3, quaternary: 3, ternary: 5.2, binary: 2.8 },
};
