/** The C readers of all codecs, and of a made-up one, held against their TypeScript twins on tiles good and hostile. */
import { describe, expect, it } from 'vitest';
import { codecOf } from '../../src/core/codecs/codecs';
import { decodeTile, encodeTile, layerCoding } from '../../src/core/codecs/coding';
import type { CodecOptions } from '../../src/core/codecs/options';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { FORMATS, WEIGHT_FORMATS } from '../../src/core/formats/formats';
import { UserError } from '../../src/core/util/errors';
import { createRandom } from '../../src/core/util/random';
import { textOf, WITH_NIBBLE } from '../fixtures/codecs/nibble/set';
import { hostileTiles, tablesFor } from '../unit/codecs/symbol-blocks';
import { randomCodes } from '../unit/formats/random-codes';
import { linkCaseProgram } from './case-program';
import { buildRuntime } from './host-build';
import { haveTools } from './require-tools';

interface Case {
  readonly codec: string;
  readonly format: (typeof WEIGHT_FORMATS)[number];
  readonly stored: Uint8Array;
  readonly table: Uint8Array;
  readonly weights: number;
}

const { codecs, runtimes } = WITH_NIBBLE;
const ids = Object.keys(runtimes);
const NONE = new Uint8Array(0);
/** Of LZ4, the chip does not ask whether a block ends as the format wants it (lz4-decoder.test.ts). */
const LENIENT = new Set(['lz4']);

describe.runIf(haveTools(HOST_COMPILER))('the C readers of all codecs, under sanitizers', () => {
  it('accept what the TypeScript ones accept, with the same weights, and nothing else', async () => {
    const cases = ids.flatMap(casesOf);
    const unpackers = WEIGHT_FORMATS.flatMap((format) => FORMATS[format].unpacker ?? []);
    const files = Object.values(runtimes).flatMap(({ reader, decoders }) => [reader, ...decoders]);
    const own = ['east_read_nibble.c', 'east_read_nibble.h'];
    const build = await buildRuntime(
      'east',
      new Map([
        ...own.map((file): [string, string] => [file, textOf(file)]),
        ['readers.inc', readersText()],
      ]),
      [...unpackers, ...files.filter((file) => !own.includes(`${file}.c`))],
    );
    try {
      const run = await linkCaseProgram(build, 'codec_cases.c');
      const results = await run(
        cases.map(({ codec, format, stored, table, weights }) => ({
          header: [
            ids.indexOf(codec),
            WEIGHT_FORMATS.indexOf(format),
            stored.length,
            table.length,
            weights,
          ],
          content: Uint8Array.of(...stored, ...table),
        })),
      );
      let at = 0;
      const accepted = new Map(ids.map((id) => [id, 0]));
      for (const each of cases) {
        const expected = reference(each);
        const read = results[at++] === 1;
        const what = `${each.codec}, ${each.weights} weights as ${each.format}`;
        if (expected !== undefined || !LENIENT.has(each.codec)) {
          expect(read, what).toBe(expected !== undefined);
        }
        if (!read) continue;
        const weights = results.subarray(at, at + each.weights);
        at += each.weights;
        if (expected === undefined) continue;
        expect(Buffer.from(expected).equals(weights), what).toBe(true);
        accepted.set(each.codec, accepted.get(each.codec)! + 1);
      }
      expect(at).toBe(results.length);
      for (const [id, count] of accepted) {
        expect(count, id).toBeGreaterThan(300);
        expect(count, id).toBeLessThan(cases.filter(({ codec }) => codec === id).length - 300);
      }
    } finally {
      build.dispose();
    }
  });
});

/** Tiles of weights in every format, whole and as hostileTiles makes them. */
function casesOf(id: string): Case[] {
  const codec = codecOf(id, codecs);
  const random = createRandom(id.length);
  const options: CodecOptions[] = tablesFor(id).map((table) => (table ? { table } : {}));
  return options.flatMap((option) =>
    WEIGHT_FORMATS.flatMap((format) => {
      const coding = { ...layerCoding(format), codec, options: option };
      const whole = Array.from({ length: 60 }, (_, n): Case => {
        const codes = randomCodes(random.int(200), format, n);
        const { codec: by, stored, table = NONE } = encodeTile(coding, codes);
        return { codec: by, format, stored, table, weights: codes.length };
      });
      const perSymbol = codec.symbols === 'weights' ? 1 : FORMATS[format].weightsPerByte;
      const hostile = hostileTiles(codec, option, random, 600).map(
        ({ stored, count, table = NONE }): Case => {
          // So many weights that they take as many symbols, the last of which may not be full.
          const weights = Math.max(0, count * perSymbol - random.int(perSymbol));
          return { codec: id, format, stored, table, weights };
        },
      );
      return [...whole, ...hostile];
    }),
  );
}

function reference({ codec, format, stored, table, weights }: Case): Int8Array | undefined {
  try {
    return decodeTile({ codec, stored, table }, weights, format, codecs);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function readersText(): string {
  const readers = Object.values(runtimes).map(({ reader }) => reader);
  const packings = WEIGHT_FORMATS.map((format) => {
    const { unpacker } = FORMATS[format];
    return unpacker === undefined ? 'NULL' : `&${unpacker}`;
  });
  return `${readers.map((reader) => `#include "${reader}.h"`).join('\n')}
static const east_read_tile readers[] = {${readers.join(', ')}};
static const struct east_packing *const packings[] = {${packings.join(', ')}};
`;
}
