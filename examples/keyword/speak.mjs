/**
 * Speaks the example's data set, ten words, other words and silence, by espeak-ng's voices, and writes it as folders of WAV
 * files of 1.4 seconds each, with recordings of noise beside them. The same seed and version of espeak-ng give the same files.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../shared/options.mjs';
import { createRandom } from '../shared/random.mjs';
import { writeWav } from '../shared/wav.mjs';
import { espeakVersion, say } from './speak/espeak.mjs';
import { makeNoise, NOISES } from './speak/noise.mjs';
import { ACCENTS, KEYWORDS, OTHER_WORDS, SPEAKERS } from './speak/words.mjs';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(here, 'data') },
    train: { type: 'string', default: '120' },
    test: { type: 'string', default: '40' },
    // Milliseconds of a file: the word lies in the second in the middle.
    length: { type: 'string', default: '1400' },
    seed: { type: 'string', default: '1' },
  },
});

/** Programs that speak at the same time. */
const AT_ONCE = 4;
const RATE = 22050;
const LENGTH = Math.round((RATE * wholeNumber('length', values.length)) / 1000);
const MARGIN = Math.max(0, Math.round((LENGTH - RATE) / 2));

const started = Date.now();
const version = await espeakVersion();
if (version === undefined) {
  process.stderr.write(
    'espeak-ng, which speaks the words, is not installed. Install it (apt install espeak-ng, brew install espeak-ng, winget install eSpeak-NG.eSpeak-NG), ' +
      `or put WAV files of your own into ${path.relative(process.cwd(), values.out)}/train and …/test, a folder for each word\n`,
  );
  process.exit(1);
}

/** The word somewhere in the second between the margins, in a quiet room. */
function inRoom({ samples }, random) {
  const recording = new Float32Array(LENGTH);
  const room = Math.max(0, RATE - samples.length);
  const start = random.int(room + 1);
  const level = random.between(0.15, 0.7);
  const loudest = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
  samples.subarray(0, RATE).forEach((x, i) => {
    recording[MARGIN + start + i] = (level * x) / loudest;
  });
  // The wall on the other side.
  const delay = random.int(1200) + 100;
  for (let i = LENGTH - 1; i >= delay; i--) recording[i] += 0.15 * recording[i - delay];
  const noise = makeNoise(NOISES[random.int(NOISES.length)], LENGTH, RATE, random);
  const quiet = level * 0.15 * 10 ** (-random.between(10, 30) / 20);
  return recording.map((x, i) => x + quiet * noise[i]);
}

function silence(random) {
  const noise = makeNoise(NOISES[random.int(NOISES.length)], LENGTH, RATE, random);
  const level = 10 ** (-random.between(20, 60) / 20);
  return noise.map((x) => level * x);
}

function utteranceOf(word, set, random) {
  const speakers = SPEAKERS[set];
  return {
    word,
    accent: ACCENTS[random.int(ACCENTS.length)],
    speaker: speakers[random.int(speakers.length)],
    pitch: 20 + random.int(61),
    speed: 130 + random.int(81),
  };
}

/** Every file: what makes it, and where it goes. */
function plan(set, each, seed) {
  const others = OTHER_WORDS[set];
  const files = [];
  const add = (label, i, make) => {
    const number = files.length;
    files.push({ label, name: `${String(i).padStart(3, '0')}.wav`, make, seed: seed + number });
  };
  for (let i = 0; i < each; i++) {
    for (const word of KEYWORDS) add(word, i, (random) => spoken(word, set, random));
    add('silence', i, (random) => silence(random));
  }
  // Of all that is no keyword there is more.
  for (let i = 0; i < 2 * each; i++) {
    add('unknown', i, (random) => spoken(others[i % others.length], set, random));
  }
  return files;
}

async function spoken(word, set, random) {
  const utterance = await say(utteranceOf(word, set, random));
  if (utterance.sampleRate !== RATE)
    throw new Error(`espeak-ng speaks at ${utterance.sampleRate} Hz`);
  return inRoom(utterance, random);
}

const seed = wholeNumber('seed', values.seed) * 0x10000000;
const sets = [
  { set: 'train', files: plan('train', wholeNumber('train', values.train), seed) },
  { set: 'test', files: plan('test', wholeNumber('test', values.test), seed + 0x8000000) },
];
for (const { set, files } of sets) {
  const folder = path.join(values.out, set);
  rmSync(folder, { recursive: true, force: true });
  for (const label of new Set(files.map((file) => file.label))) {
    mkdirSync(path.join(folder, label), { recursive: true });
  }
  const queue = [...files];
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const samples = await file.make(createRandom(file.seed));
      writeWav(path.join(folder, file.label, file.name), samples, RATE);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const noise = path.join(values.out, 'noise');
mkdirSync(noise, { recursive: true });
NOISES.forEach((kind, i) => {
  const samples = makeNoise(kind, 10 * RATE, RATE, createRandom(seed + 0x4000000 + i));
  writeWav(
    path.join(noise, `${kind}.wav`),
    samples.map((x) => 0.05 * x),
    RATE,
  );
});
const [train, test] = sets.map(({ files }) => files.length);
process.stdout.write(
  `Spoke ${train} training and ${test} test files by espeak-ng ${version}, seed ${seed / 0x10000000}, in ` +
    `${((Date.now() - started) / 1000).toFixed(0)} s, into ${path.relative(process.cwd(), values.out) || '.'}\n`,
);
