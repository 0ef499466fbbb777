/**
 * Measures the example's motor: recordings of four seconds of a sound motor to learn from, and of sound and damaged ones to
 * test with, as WAV files. The same seed gives the same recordings everywhere.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../shared/random.mjs';
import { wholeNumber } from '../shared/options.mjs';
import { writeWav } from '../shared/wav.mjs';
import { FAULTS, measureMotor, RATE } from './motor.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(import.meta.dirname, 'data') },
    train: { type: 'string', default: '120' },
    test: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});

const started = Date.now();
const seed = wholeNumber('seed', values.seed) * 0x10000000;
const [train, test] = [wholeNumber('train', values.train), wholeNumber('test', values.test)];
const groups = [
  { folder: 'train/normal', fault: undefined, recordings: train },
  { folder: 'test/normal', fault: undefined, recordings: test },
  ...FAULTS.map((fault) => ({
    folder: `test/${fault}`,
    fault,
    recordings: Math.ceil(test / FAULTS.length),
  })),
];
for (const set of ['train', 'test'])
  rmSync(path.join(values.out, set), { recursive: true, force: true });
groups.forEach(({ folder, fault, recordings }, group) => {
  mkdirSync(path.join(values.out, folder), { recursive: true });
  for (let i = 0; i < recordings; i++) {
    const random = createRandom(seed + group * 0x100000 + i);
    const file = path.join(values.out, folder, `${String(i).padStart(3, '0')}.wav`);
    writeWav(file, measureMotor(4, fault, random), RATE);
  }
});
process.stdout.write(
  `Measured ${train} recordings to learn from and ${groups.slice(1).reduce((sum, group) => sum + group.recordings, 0)} to test with, seed ${values.seed}, ` +
    `in ${((Date.now() - started) / 1000).toFixed(1)} s, into ${path.relative(process.cwd(), values.out) || '.'}\n`,
);
