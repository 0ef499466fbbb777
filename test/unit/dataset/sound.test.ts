import { afterAll, describe, expect, it } from 'vitest';
import { readSound } from '../../../src/core/dataset/sound';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import { riff, riffChunk, TemporaryFolder, userErrorOf, wav } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const MONO = { sampleRate: 16000, channels: 1 };
const read = (content: Uint8Array, wanted = MONO) =>
  readSound(folder.write('a.wav', content), wanted);
const messageOf = async (content: Uint8Array, wanted = MONO) =>
  folder.relative(await userErrorOf(() => read(content, wanted)));

const sine = (count: number, sampleRate: number, hertz = 440, high = 0.8) =>
  Float64Array.from(
    { length: count },
    (_, i) => high * Math.sin((2 * Math.PI * hertz * i) / sampleRate),
  );

describe('samples', () => {
  it('of 16 bits are what they are, to the last count', async () => {
    const counts = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
    const { data, facts } = await read(wav(Array.from(counts, (count) => count / 32768)));
    expect(data).toEqual(counts);
    expect(facts).toMatchObject({ sampleRate: 16000, channels: 1, silent: false, clipped: 0 });
  });

  it.each([
    ['8 bits', { bits: 8 }, 129],
    ['24 bits', { bits: 24 }, 0.51],
    ['32 bits', { bits: 32 }, 0.51],
    ['floats', { bits: 32, float: true }, 0.51],
    ['floats of 64 bits', { bits: 64, float: true }, 0.51],
  ] as const)('of %s become those of 16', async (_, options, off) => {
    const samples = sine(1000, 16000);
    const { data } = await read(wav(samples, options));
    expect(data).toHaveLength(1000);
    data.forEach((count, i) => expect(Math.abs(count - samples[i]! * 32768)).toBeLessThan(off));
  });

  it('of two channels are mixed down to one, or kept where both are wanted', async () => {
    const content = wav([0.5, -0.25, 0.25, 0.25, -1, 0], { channels: 2 });
    expect([...(await read(content)).data]).toEqual([4096, 8192, -16384]);
    const both = await read(content, { sampleRate: 16000, channels: 2 });
    expect([...both.data]).toEqual([16384, -8192, 8192, 8192, -32768, 0]);
    expect(await messageOf(wav([0, 0.5]), { sampleRate: 16000, channels: 3 })).toBe(
      '$/a.wav: the WAV file has 1 channel, but the front end takes 3',
    );
  });

  it.each([8000, 22050, 44100, 48000])('of %d Hz are brought to 16000 Hz', async (sampleRate) => {
    const { data, facts } = await read(wav(sine(sampleRate, sampleRate), { sampleRate }));
    expect(data).toHaveLength(16000);
    expect(facts.sampleRate).toBe(sampleRate);
    const expected = sine(16000, 16000);
    for (let i = 500; i < 15500; i++) {
      expect(Math.abs(data[i]! - expected[i]! * 32768)).toBeLessThan(2);
    }
  });

  it('above half the wanted rate are gone, not folded back', async () => {
    const { data } = await read(wav(sine(48000, 48000, 11000), { sampleRate: 48000 }));
    const loudest = data.subarray(500, 15500).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(loudest).toBeLessThan(4);
  });

  it('behind chunks of odd length, and of an extensible format, are found', async () => {
    const plain = wav([0.5, -0.5], { chunk: riffChunk('LIST', Buffer.from('odd')) });
    expect([...(await read(plain)).data]).toEqual([16384, -16384]);
    const extensible = Buffer.alloc(40);
    wav([]).copy(extensible, 0, 20, 36);
    extensible.writeUInt16LE(0xfffe, 0);
    extensible.writeUInt16LE(1, 24);
    const content = riff(riffChunk('fmt ', extensible), riffChunk('data', Buffer.from([1, 2])));
    expect([...(await read(content)).data]).toEqual([0x201]);
  });

  it('of a stream whose length nobody wrote go on to its end', async () => {
    const content = wav([0.5, -0.5, 0.25]);
    content.writeUInt32LE(0xffffffff, 40);
    expect((await read(content)).samples).toBe(3);
  });

  it('that are silent or clipped are told', async () => {
    expect((await read(wav(new Float64Array(100)))).facts.silent).toBe(true);
    const rounding = Float64Array.from({ length: 100 }, (_, i) => (i % 3) / 32768);
    expect((await read(wav(rounding))).facts.silent).toBe(true);
    const soft = rounding.map((x) => 4 * x);
    expect((await read(wav(soft))).facts.silent).toBe(false);
    const loud = sine(16000, 16000, 440, 3).map((x) => Math.max(-1, Math.min(1, x)));
    const { clipped } = (await read(wav(loud))).facts;
    expect(clipped).toBeGreaterThan(0.7);
    expect(clipped).toBeLessThan(0.85);
  });
});

describe('a file that cannot be used', () => {
  it('says where a float is no number', async () => {
    const samples = new Float64Array(16000).map((_, i) => (i === 8000 ? NaN : 0.5));
    expect(await messageOf(wav(samples, { float: true, bits: 32 }))).toBe(
      '$/a.wav: the WAV file has a sample that is NaN, at 0.500 s; every one must be a number: write the file again, or remove it',
    );
  });

  it('says what is wrong and what to do', async () => {
    const good = wav(sine(16000, 16000));
    expect(await messageOf(good.subarray(0, 16044))).toBe(
      '$/a.wav: the WAV file is cut short: of 1.00 s of sound that it announces only 0.50 s are there; copy or record it again, or remove it',
    );
    expect(await messageOf(good.subarray(0, 30))).toBe(
      '$/a.wav: the WAV file ends within its header',
    );
    expect(await messageOf(good.subarray(0, 38))).toBe(
      '$/a.wav: the WAV file holds no sound: it was cut short, or never written to its end; copy or record it again, or remove it',
    );
    expect(await messageOf(new Uint8Array(0))).toBe('$/a.wav: the file is empty');
    expect(await messageOf(Buffer.from('ID3 this is an mp3 file'))).toMatch(/is no WAV file/);
    expect(await messageOf(wav([]))).toBe('$/a.wav: the WAV file holds no samples');
    const changed = (offset: number, value: number): Buffer => {
      const copy = Buffer.from(good);
      copy.writeUInt16LE(value, offset);
      return copy;
    };
    expect(await messageOf(changed(20, 0x11))).toBe(
      '$/a.wav: the WAV file is compressed in a way that is not read (format 17); convert it to 16-bit PCM',
    );
    expect(await messageOf(changed(34, 12))).toMatch(/samples of 12 bits; those of 8, 16, 24, 32/);
    expect(await messageOf(changed(22, 5000))).toMatch(/says it has 5000 channels/);
    expect(await messageOf(changed(32, 3))).toMatch(/header is damaged/);
    expect(await messageOf(changed(24, 1))).toMatch(/says it has 1 samples a second/);
  });

  it('is refused with one message or read, whatever bytes it has', async () => {
    const random = createRandom(5);
    const good = [
      wav(sine(300, 16000), { chunk: riffChunk('LIST', Buffer.from('abc')) }),
      wav(sine(300, 16000), { bits: 24, channels: 2, sampleRate: 44100 }),
      wav(sine(300, 16000), { bits: 32, float: true }),
    ];
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const content = Buffer.from(good[round % good.length]!);
      for (let n = random.int(4); n >= 0; n--) {
        const header = random.int(3) > 0;
        content[random.int(header ? 48 : content.length)] = random.int(256);
      }
      const cut = random.int(4) === 0 ? random.int(content.length) : content.length;
      try {
        const { data } = await read(content.subarray(0, cut));
        // A header may say any rate; of what 300 samples are at it there is at most so much.
        expect(data.length).toBeLessThanOrEqual(2 * content.length * 1600);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});
