/** Front ends in C: the same integers as in training, of whole examples and of streams. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frontendTables } from '../../src/core/frontends/emit';
import { arenaWith } from '../../src/core/frontends/ram';
import {
  computeFeatures,
  layoutOf,
  measureFrontend,
  toCodes,
} from '../../src/core/frontends/frontends';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { FRONTENDS, rawExamples } from '../unit/frontends/examples';
import { linkCaseProgram } from './case-program';
import { buildRuntime, type HostBuild } from './host-build';
import { haveTools } from './require-tools';

const SOURCES = [
  'east_frontend',
  'east_log_mel',
  'east_mfcc',
  'east_spectrum',
  'east_samples',
  'east_log_bands',
  'east_fft',
];

describe.runIf(haveTools(HOST_COMPILER))('a front end in C, under sanitizers', () => {
  let build: HostBuild;
  beforeAll(async () => {
    build = await buildRuntime('east', new Map(), SOURCES);
  });
  afterAll(() => build.dispose());

  it.each(Object.entries(FRONTENDS))('%s computes what training saw', async (_, config) => {
    const { frames, features, samples, window, hop } = layoutOf(config);
    const raw = rawExamples(config);
    const expected = raw.map((samples) => computeFeatures(config, samples));
    // Measured without the loudest, so that some codes saturate.
    const model = measureFrontend(config, expected.slice(-4));
    const run = await linkCaseProgram(
      build,
      'frontend_cases.c',
      new Map([
        ['arena.inc', `static uint32_t east_arena[${arenaWith(0, config, undefined) / 4}];\n`],
        ['tables.inc', frontendTables(model, undefined)],
      ]),
    );
    const results = await run(
      raw.map((samples) => ({ header: [], content: new Uint8Array(samples.buffer) })),
    );
    const count = frames * features;
    expect(results.length).toBe(raw.length * (5 * count + 2));
    const codes = new Uint8Array(count);
    const hops = Math.ceil(samples / hop);
    for (const [i, values] of expected.entries()) {
      const at = i * (5 * count + 2);
      const got = Array.from({ length: count }, (_, j) => results.readInt32LE(at + 4 * j));
      expect(got, `features of example ${i}`).toEqual(Array.from(values));
      toCodes(model, values, codes);
      const gotCodes = Array.from(results.subarray(at + 4 * count, at + 5 * count));
      expect(gotCodes, `codes of example ${i}`).toEqual(Array.from(codes, (c) => c ^ 0x80));
      // An output after the last hop alone: before it there are too few frames.
      const early = hops - (Math.ceil(window / hop) + frames - 1);
      expect(Array.from(results.subarray(at + 5 * count, at + 5 * count + 2))).toEqual([
        1 + early,
        1,
      ]);
    }
  });
});
