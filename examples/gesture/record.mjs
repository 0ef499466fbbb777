/**
 * Records the example's gestures: two tables of an accelerometer and a gyroscope, of subjects to learn from and of others to
 * test with. The same seed gives the same tables everywhere.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../shared/options.mjs';
import { createRandom } from '../shared/random.mjs';
import { GESTURES, makeSubject, move, RATE } from './motion.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(import.meta.dirname, 'data') },
    train: { type: 'string', default: '16' },
    test: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
  },
});

/** Of each gesture and subject. */
const RECORDINGS = 3;
const SECONDS = 5;
const COLUMNS = ['ax', 'ay', 'az', 'gx', 'gy', 'gz'];

const started = Date.now();
const seed = wholeNumber('seed', values.seed) * 0x10000000;
const sets = [
  { set: 'train', subjects: wholeNumber('train', values.train), first: 1 },
  { set: 'test', subjects: wholeNumber('test', values.test), first: 101 },
];
mkdirSync(values.out, { recursive: true });
for (const { set, subjects, first } of sets) {
  const lines = [['subject', 'recording', 'time', ...COLUMNS, 'gesture'].join(',')];
  let recording = 0;
  for (let number = first; number < first + subjects; number++) {
    const random = createRandom(seed + number);
    const subject = makeSubject(random);
    for (const gesture of GESTURES) {
      for (let i = 0; i < RECORDINGS; i++) {
        recording++;
        move(gesture, subject, SECONDS, random).forEach((row, k) => {
          const numbers = row.map((value) => value.toFixed(4));
          lines.push(
            [`s${number}`, recording, (k / RATE).toFixed(2), ...numbers, gesture].join(','),
          );
        });
      }
    }
  }
  writeFileSync(path.join(values.out, `${set}.csv`), `${lines.join('\n')}\n`);
}
const [train, test] = sets.map(({ subjects }) => subjects);
process.stdout.write(
  `Recorded ${GESTURES.length} gestures of ${train} subjects to learn from and ${test} to test with, seed ${values.seed}, ` +
    `in ${((Date.now() - started) / 1000).toFixed(1)} s, into ${path.relative(process.cwd(), values.out) || '.'}\n`,
);
