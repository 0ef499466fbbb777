import { describe, expect, it } from 'vitest';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { packingOf } from '../../src/core/firmware/runtime-files';
import { WEIGHT_FORMATS } from '../../src/core/formats/formats';
import { packedBytes, unpackWeights } from '../../src/core/formats/packing';
import { createRandom } from '../../src/core/util/random';
import { linkCaseProgram } from './case-program';
import { buildRuntime } from './host-build';
import { haveTools } from './require-tools';

const FORMATS = WEIGHT_FORMATS.filter((format) => packingOf(format) !== undefined);

describe.runIf(haveTools(HOST_COMPILER))('the C unpackers, under sanitizers', () => {
  it('give the codes of any bytes, also in place at the end of the buffer', async () => {
    const random = createRandom(4);
    const cases = FORMATS.flatMap((format, number) =>
      [...Array.from({ length: 70 }, (_, count) => count), 4099, 4100, 4101, 4102, 4103].map(
        (count) => ({
          format,
          number,
          count,
          // Whatever a hostile blob may hold; and zeros, which some formats treat apart.
          packed: Uint8Array.from({ length: packedBytes(count, format) }, () =>
            random.int(3) === 0 ? 0 : random.int(256),
          ),
        }),
      ),
    );
    const build = await buildRuntime(
      'east',
      new Map(),
      FORMATS.map((format) => packingOf(format)!),
    );
    try {
      const run = await linkCaseProgram(
        build,
        'packing_cases.c',
        new Map([
          [
            'packings.h',
            `#define PACKINGS ${FORMATS.map((f) => `&${packingOf(f)!}`).join(', ')}\n`,
          ],
        ]),
      );
      const results = await run(
        cases.map(({ number, count, packed }) => ({
          header: [number, count, packed.length],
          content: packed,
        })),
      );
      let at = 0;
      for (const { format, count, packed } of cases) {
        const expected = Buffer.from(unpackWeights(packed, count, format));
        for (const way of ['apart', 'in place']) {
          const weights = results.subarray(at, at + count);
          expect(expected.equals(weights), `${count} weights as ${format}, ${way}`).toBe(true);
          at += count;
        }
      }
      expect(at).toBe(results.length);
    } finally {
      build.dispose();
    }
  });
});
