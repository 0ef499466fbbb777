import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import {
  decodeContainer,
  encodeContainer,
  readContainer,
  writeContainer,
  type ContainerArray,
} from '../../../src/core/run/container';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import { scratchFolders } from './fixtures';

const scratch = scratchFolders();

function sample(seed: number): { meta: unknown; arrays: Record<string, ContainerArray> } {
  const random = createRandom(seed);
  const n = (): number => random.int(40);
  return {
    meta: { step: seed, name: 'ä"\n', nested: [1, { a: null, b: [true, 0.1 + 0.2] }] },
    arrays: {
      f32: Float32Array.from({ length: n() }, () => random.normal()),
      'layer/f64': Float64Array.from({ length: n() }, () => random.normal()),
      i8: Int8Array.from({ length: n() }, () => random.int(256) - 128),
      i32: Int32Array.from({ length: n() }, () => random.int(2 ** 32)),
      u8: Uint8Array.from({ length: n() }, () => random.int(256)),
      u16: Uint16Array.from({ length: n() }, () => random.int(65536)),
      u32: Uint32Array.from({ length: n() }, () => random.int(2 ** 32)),
      empty: new Float32Array(0),
    },
  };
}

/** A container of that header and so many zero bytes of arrays, its SHA-256 right. */
function forged(header: string, arrayBytes: number): Uint8Array<ArrayBuffer> {
  const length = Buffer.byteLength(header);
  const payload = Math.ceil((48 + length) / 8) * 8;
  const bytes = new Uint8Array(payload + arrayBytes);
  bytes.set(Buffer.from('EASTBOX1'), 0);
  new DataView(bytes.buffer).setUint32(8, length, true);
  bytes.set(Buffer.from(header), 48);
  const hash = createHash('sha256').update(bytes.subarray(8, 16)).update(bytes.subarray(48));
  bytes.set(hash.digest(), 16);
  return bytes;
}

describe('container', () => {
  it('gives back every array and the meta data as they were', () => {
    for (let seed = 0; seed < 50; seed++) {
      const content = sample(seed);
      expect(decodeContainer(encodeContainer(content), 'x')).toEqual(content);
    }
  });

  it('keeps NaN, infinities and minus zero inside arrays', () => {
    const values = new Float32Array([NaN, Infinity, -Infinity, -0]);
    const read = decodeContainer(encodeContainer({ meta: 0, arrays: { values } }), 'x');
    expect(Object.is(read.arrays['values']![3], -0)).toBe(true);
    expect(read.arrays['values']).toEqual(values);
  });

  it('writes views of a larger buffer as what they show', () => {
    const view = new Int32Array(new ArrayBuffer(64), 8, 3).fill(7);
    const read = decodeContainer(encodeContainer({ meta: {}, arrays: { view } }), 'x');
    expect(read.arrays['view']).toEqual(new Int32Array([7, 7, 7]));
    expect(read.arrays['view']!.buffer.byteLength).toBe(12);
  });

  it('gives the same bytes for the same content', () => {
    expect(encodeContainer(sample(3))).toEqual(encodeContainer(sample(3)));
  });

  it.each([NaN, Infinity, undefined])('refuses meta data that JSON would change: %s', (bad) => {
    expect(() => encodeContainer({ meta: { loss: bad }, arrays: {} })).toThrow(/loss/);
  });

  it('notices every changed byte and every truncation', () => {
    const bytes = encodeContainer({ meta: { a: 1 }, arrays: { w: new Int8Array([1, 2, 3]) } });
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i]! ^= 1 << (i % 8);
      // Bytes 12 … 15 are unused but covered by the digest all the same.
      expect(() => decodeContainer(damaged, 'some.ckpt'), `byte ${i}`).toThrow(UserError);
      expect(() => decodeContainer(bytes.subarray(0, i), 'some.ckpt')).toThrow(UserError);
    }
    expect(() => decodeContainer(new Uint8Array([...bytes, 0]), 'some.ckpt')).toThrow(UserError);
  });

  describe('with a right checksum over a wrong header', () => {
    const entry = { name: 'a', type: 'f32', length: 2, offset: 0 };
    it.each<[string, unknown, RegExp]>([
      ['of no JSON', undefined, /not JSON/],
      ['without arrays', { meta: {} }, /arrays/],
      ['of an array beyond the file', { meta: 0, arrays: [{ ...entry, length: 3 }] }, /take 12/],
      ['of gigabytes', { meta: 0, arrays: [{ ...entry, length: 2 ** 40 }] }, /bytes, and it has/],
      ['of no whole length', { meta: 0, arrays: [{ ...entry, length: 0.5 }] }, /arrays.0.length/],
      ['of a negative length', { meta: 0, arrays: [{ ...entry, length: -1 }] }, /arrays.0.length/],
      ['of an unknown type', { meta: 0, arrays: [{ ...entry, type: 'u64' }] }, /arrays.0.type/],
      ['of the same bytes again', { meta: 0, arrays: [entry, { ...entry, name: 'b' }] }, /behind/],
      ['of one name twice', { meta: 0, arrays: [entry, { ...entry, offset: 8 }] }, /twice/],
      ['of arrays with a gap', { meta: 0, arrays: [{ ...entry, offset: 8 }] }, /behind/],
    ])('%s is refused before anything is allocated for it', (_, header, message) => {
      const bytes = forged(header === undefined ? '{' : JSON.stringify(header), 8);
      const file = join(scratch(), 'a.ckpt');
      writeFileSync(file, bytes);
      for (const read of [
        () => decodeContainer(bytes, file),
        () => readContainer(file, 'checkpoint'),
      ]) {
        const error = catchError(read);
        expect(error).toBeInstanceOf(UserError);
        expect(error).toMatchObject({ file, message: expect.stringMatching(message) });
      }
    });

    it('whose length is that of gigabytes is refused', () => {
      const bytes = forged('{}', 0);
      new DataView(bytes.buffer).setUint32(8, 0xffffffff, true);
      expect(() => decodeContainer(bytes, 'x')).toThrow('longer than the file');
    });

    it('gives arrays of any name no other meaning', () => {
      const header = { meta: 0, arrays: [{ name: '__proto__', type: 'u8', length: 8, offset: 0 }] };
      const { arrays } = decodeContainer(forged(JSON.stringify(header), 8), 'x');
      expect(Object.keys(arrays)).toEqual(['__proto__']);
      expect(Object.getPrototypeOf(arrays)).toBe(Object.prototype);
    });
  });

  it('reads files and names the damaged one', () => {
    const file = join(scratch(), 'sub', 'a.ckpt');
    writeContainer(file, sample(1));
    expect(readContainer(file, 'checkpoint')).toEqual(sample(1));
    const bytes = readFileSync(file);
    bytes[60]! ^= 1;
    writeFileSync(file, bytes);
    const error = catchError(() => readContainer(file, 'checkpoint'));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ file, message: expect.stringMatching(/damaged \(its SHA-256/) });
  });

  it('names a missing file and a path through a file', () => {
    const folder = scratch();
    expect(() => readContainer(join(folder, 'none'), 'checkpoint')).toThrow(/no such file/);
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeContainer(join(folder, 'file', 'x'), sample(1))).toThrow(UserError);
  });

  it.skipIf(process.platform === 'win32')(
    'leaves the old file and nothing else when a write is cut short',
    async () => {
      // The shell limits file sizes to 64 KiB, which fails like a full disk: a short write, then an error.
      const folder = scratch();
      const file = join(folder, 'runs', 'a.ckpt');
      mkdirSync(join(folder, 'runs'));
      writeContainer(file, sample(2));
      const before = readFileSync(file);
      const script = join(folder, 'write.mjs');
      await build({
        stdin: {
          contents: `import { writeContainer } from './src/core/run/container';
            try { writeContainer(process.argv[2], { meta: 0, arrays: { a: new Uint8Array(1e6) } }); }
            catch (error) { console.log(error.name + ': ' + error.message); }`,
          resolveDir: process.cwd(),
        },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: script,
        logLevel: 'silent',
      });
      const output = execFileSync(
        'bash',
        ['-c', 'ulimit -f 64; exec "$@"', 'bash', process.execPath, script, file],
        { encoding: 'utf8' },
      );
      expect(output).toMatch(/^UserError: cannot write: /);
      expect(readFileSync(file)).toEqual(before);
      expect(readdirSync(join(folder, 'runs'))).toEqual(['a.ckpt']);
    },
  );
});

function catchError(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error;
  }
  return undefined;
}
