import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetConfig } from '../../../src/core/config/config';
import type { FrontendConfig } from '../../../src/core/frontends/config';
import { computeFeatures, featureShape, toCodes } from '../../../src/core/frontends/frontends';
import { targetOf } from '../../../src/core/dataset/targets';
import { createRandom } from '../../../src/core/util/random';
import { datasetConfig, TemporaryFolder, userErrorOf, wav } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const RATE = 8000;
const LOG_MEL: FrontendConfig = {
  kind: 'log-mel',
  channels: 1,
  length: 4000,
  sampleRate: RATE,
  window: 256,
  hop: 208,
  bands: 20,
  lowest: 50,
  highest: 3800,
};
const [FRAMES, FEATURES] = featureShape(LOG_MEL);
const model = (classes: number, frontend = LOG_MEL) => ({
  input: [...featureShape(frontend), 1] as const,
  classes,
  frontend,
});

/** A tone in noise. */
function tone(count: number, hertz: number, seed: number, sampleRate = RATE): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from(
    { length: count },
    (_, i) => 0.3 * Math.sin((2 * Math.PI * hertz * i) / sampleRate) + 0.02 * random.normal(),
  );
}

const inFolders = (changes: Partial<DatasetConfig> = {}) =>
  datasetConfig({
    format: 'wav',
    train: `${folder.path}/train`,
    test: `${folder.path}/test`,
    ...changes,
  });

beforeAll(() => {
  for (const [c, name] of ['high', 'low'].entries()) {
    for (let i = 0; i < 6; i++) {
      const seconds = [0.5, 0.4, 1.3][i % 3]!;
      const hertz = c === 0 ? 1500 : 300;
      folder.write(
        `train/${name}/${i}.wav`,
        wav(tone(seconds * RATE, hertz, 10 * c + i), { sampleRate: RATE }),
      );
      if (i < 3) {
        folder.write(
          `test/${name}/${i}.wav`,
          wav(tone(RATE / 2, hertz, 100 + 10 * c + i), { sampleRate: RATE }),
        );
      }
    }
  }
});

describe('folders of WAV files', () => {
  it('become windows, and these the codes of the front end', async () => {
    const data = await folder.load(inFolders(), model(2), 1);
    expect(data.outputNames).toEqual(['high', 'low']);
    // Of 1.3 s there are windows from 0 s, from 0.5 s, and the one that ends with the file.
    expect(data.train.count + data.validation.count).toBe(2 * 2 * (1 + 1 + 3));
    expect(data.test.count).toBe(6);
    expect(data.shape).toEqual([FRAMES, FEATURES, 1]);
    expect(data.normalization).toMatchObject({ kind: 'uint8', mean: [128] });
    expect(data.train.data).toBeInstanceOf(Uint8Array);
    expect(data.train.data).toHaveLength(data.train.count * FRAMES * FEATURES);
    expect(data.notes).toEqual([]);
    const { frontend, rawTest, test } = data;
    expect([...rawTest!.indices]).toEqual([0, 1, 2, 3, 4, 5]);
    const codes = new Uint8Array(FRAMES * FEATURES);
    for (const [i, index] of rawTest!.indices.entries()) {
      const samples = rawTest!.data.subarray(i * 4000, (i + 1) * 4000);
      toCodes(frontend!, computeFeatures(LOG_MEL, samples), codes);
      const at = index * codes.length;
      expect(test.data.subarray(at, at + codes.length)).toEqual(codes);
    }
    // The file's own counts.
    const file = readFileSync(`${folder.path}/test/high/0.wav`);
    expect(rawTest!.data[7]).toBe(file.readInt16LE(44 + 14));
  });

  it('are the same for the same seed, and keep the windows of a file together', async () => {
    const [a, b] = [
      await folder.load(inFolders(), model(2), 3),
      await folder.load(inFolders(), model(2), 3),
    ];
    expect(a.train.data).toEqual(b.train.data);
    expect(a.validation.data).toEqual(b.validation.data);
    // A quarter of 10 windows in each class, by whole files of 1 or 3.
    for (const label of [0, 1]) {
      const held = Array.from(
        { length: a.validation.count },
        (_, i) => targetOf(a.validation, i)[0],
      ).filter((target) => target === label).length;
      expect(held).toBeGreaterThanOrEqual(3);
      expect(held).toBeLessThanOrEqual(5);
    }
  });

  it('are there as often as is wished, changed before the front end', async () => {
    folder.write('noise/hum.wav', wav(tone(3 * RATE, 50, 77), { sampleRate: RATE }));
    const augment = {
      flip: false,
      shift: 0,
      noise: 0,
      timeShift: '20 ms',
      speed: 0.1,
      gain: 6,
      variants: 3,
    };
    const background = { folder: `${folder.path}/noise`, snr: [0, 10] as const };
    const plain = await folder.load(inFolders(), model(2), 1);
    const changed = await folder.load(inFolders({ augment, background }), model(2), 1);
    const again = await folder.load(inFolders({ augment, background }), model(2), 1);
    expect(changed.train.count).toBe(3 * plain.train.count);
    expect(changed.train.data).toEqual(again.train.data);
    expect(changed.validation.data).toEqual(plain.validation.data);
    expect(changed.test.data).toEqual(plain.test.data);
    const size = FRAMES * FEATURES;
    const example = (data: typeof plain, i: number) =>
      data.train.data.slice(i * size, (i + 1) * size);
    for (let i = 0; i < plain.train.count; i++) {
      expect(example(changed, 3 * i)).toEqual(example(plain, i));
      expect(example(changed, 3 * i + 1)).not.toEqual(example(plain, i));
      expect(example(changed, 3 * i + 2)).not.toEqual(example(changed, 3 * i + 1));
      expect(targetOf(changed.train, 3 * i + 2)).toEqual(targetOf(plain.train, i));
    }
  });

  it('of other rates, silent or clipped are told', async () => {
    const at = `${folder.path}/odd`;
    const loud = tone(4000, 300, 1).map((x) => Math.max(-1, Math.min(1, 20 * x)));
    for (let i = 0; i < 3; i++) {
      folder.write(`odd/a/${i}.wav`, wav(tone(8000, 500, i, 16000), { sampleRate: 16000 }));
      folder.write(
        `odd/b/${i}.wav`,
        wav(i === 1 ? new Float64Array(4000) : loud, { sampleRate: RATE }),
      );
    }
    const data = await folder.load(inFolders({ train: at, test: at }), model(2), 1);
    expect(data.notes!.slice(0, 3)).toEqual([
      '3 of the 6 sound files of the training set (a/0.wav is the first) are of 16000 Hz: resampled to the 8000 Hz of the front end',
      'b/1.wav is silent: hardly a sample differs from another, so there is nothing to be learned; was the microphone on? Record again, or leave out, what is not of a class for silence',
      '2 of the 6 sound files of the training set (b/0.wav is the first) are clipped: too loud for the recorder, so the tops of the waves are cut off; record with less gain',
    ]);
  });

  it('of several channels, lower rates, few samples or unscaled floats are told', async () => {
    const at = `${folder.path}/strange`;
    const floats = tone(4000, 300, 1).map((x) => 30000 * x);
    const files = [
      wav(tone(8000, 500, 1), { sampleRate: RATE, channels: 2 }),
      wav(tone(2000, 500, 2, 4000), { sampleRate: 4000 }),
      wav(tone(100, 500, 3), { sampleRate: RATE }),
      wav(floats, { sampleRate: RATE, float: true, bits: 32 }),
    ];
    const test = `${folder.path}/test`;
    for (const [i, file] of files.entries()) {
      folder.write(`strange/high/${i}.wav`, file);
      folder.write(`strange/low/${i}.wav`, wav(tone(4000, 900, i), { sampleRate: RATE }));
    }
    const data = await folder.load(inFolders({ train: at, test }), model(2), 1);
    expect(data.notes!.filter((note) => note.startsWith('high/'))).toEqual([
      'high/1.wav is of 4000 Hz: resampled to the 8000 Hz of the front end, with nothing above 2000 Hz in those of 4000 Hz; frontend.sampleRate may be as low',
      'high/0.wav is of several channels: mixed down to the one of the front end',
      'high/2.wav is shorter than half a window of 500 ms: the rest of it is silence; a smaller frontend.length has less of that',
      expect.stringMatching(
        /^high\/3\.wav is of floats of up to \d+, where those of a WAV file go from −1 to 1: what is beyond is cut off; write them scaled$/,
      ),
    ]);
  });

  it('need a front end, and say what is wrong with a file among them', async () => {
    const messageOf = async (...[config, of]: [DatasetConfig, Parameters<typeof folder.load>[1]]) =>
      folder.relative(await userErrorOf(() => folder.load(config, of, 1)));
    expect(await messageOf(inFolders(), { input: [1, 1, 1], classes: 2 })).toMatch(
      /^\$\/train: format "wav" needs a "frontend"/,
    );
    expect(await messageOf(inFolders(), model(3))).toMatch(
      /\$\/train: the training set has 2 different labels \(high, low\) but model.classes is 3/,
    );
    folder.write('cut/a/1.wav', wav(tone(4000, 300, 1)).subarray(0, 2044));
    folder.write('cut/b/1.wav', wav(tone(4000, 300, 1)));
    expect(await messageOf(inFolders({ train: `${folder.path}/cut` }), model(2))).toMatch(
      /^\$\/cut\/a\/1.wav: the WAV file is cut short: of 0.25 s of sound/,
    );
    folder.write('mixed/a/1.mp3', 'ID3');
    expect(await messageOf(inFolders({ train: `${folder.path}/mixed` }), model(2))).toBe(
      '$/mixed/a/1.mp3: is no sound file (.wav); remove it from the class folder',
    );
  });
});

describe('a label file', () => {
  const labels = (name: string, rows: readonly string[]) =>
    folder.write(name, ['file,start,end,label,subject', ...rows].join('\n'));
  const long = (changes: Partial<DatasetConfig>) =>
    inFolders({ train: `${folder.path}/long`, test: `${folder.path}/long`, ...changes });

  it('says which part of a long recording is of which class, and whose', async () => {
    for (const name of ['1', '2', '3']) {
      folder.write(
        `long/${name}.wav`,
        wav([...tone(8000, 300, 1), ...tone(8000, 1500, 2)], { sampleRate: RATE }),
      );
    }
    const data = await folder.load(
      long({
        trainLabels: labels('train.csv', [
          '1.wav,0,1,low,ann',
          '1.wav,1,2,high,ann',
          '2.wav,0,1,low,bob',
          '2.wav,"1,1","1,3",high,bob',
        ]),
        testLabels: labels('test.csv', ['3.wav,0,1,low,eve', '3.wav,1,,high,eve']),
      }),
      model(2),
      1,
    );
    expect(data.outputNames).toEqual(['high', 'low']);
    // A section of a second holds two windows, one of 0.2 s stands in the middle of one.
    const sizes = [data.train.count, data.validation.count].sort();
    expect(sizes).toEqual([3, 4]);
    expect([...data.test.targets]).toEqual([1, 1, 0, 0]);
  });

  it.each([
    ['9.wav,0,1,low,ann', /^\$\/bad.csv:2:1: column "file" names 9.wav, which is not in long/],
    [
      '1.wav,0,9,low,ann',
      /^\$\/bad.csv:2:1: the section from 0 s to 9 s is not in 1.wav, which has 2.00 s/,
    ],
    ['1.wav,1,1,low,ann', /^\$\/bad.csv:2:1: the section ends at 1 s, but begins at 1 s/],
    [
      '1.wav,soon,1,low,ann',
      /^\$\/bad.csv:2:1: column "start" holds "soon", which is no time in seconds/,
    ],
    [
      '2.wav,0.5,1.5,low,bob',
      /^\$\/bad.csv:3:1: what is "high" here is "low" in line 2: both sections of 2.wav hold what begins at 1 s/,
    ],
    ['1.wav,0,1,,ann', /^\$\/bad.csv:2:1: column "label" \(the class\) is empty/],
    ['../../1.wav,0,1,low,ann', /leads out of the workspace folder/],
    ['1.wav,0,1,low,eve', /^\$\/test.csv:2:1: subject "eve" is in the training set, too/],
  ])('with the row %s is refused', async (row, message) => {
    const config = long({
      trainLabels: labels('bad.csv', [row, '2.wav,1,2,high,bob']),
      testLabels: `${folder.path}/test.csv`,
    });
    const text = folder.relative(await userErrorOf(() => folder.load(config, model(2), 1)));
    expect(text).toMatch(message);
  });
});
