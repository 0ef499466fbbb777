/**
 * Draws the example's data set, the digits of a worn utility meter, and writes it as IDX files (.gz, as MNIST's). The
 * same seed gives the same pictures everywhere. `--sheet file.png` also draws a page of them for the eye.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { wholeNumber } from '../shared/options.mjs';
import { drawDigit, HEIGHT, WIDTH } from './draw/picture.mjs';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(here, 'data') },
    train: { type: 'string', default: '9000' },
    test: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    sheet: { type: 'string' },
  },
});

const started = Date.now();
const seed = wholeNumber('seed', values.seed);
// Far apart, so that no picture of the test set is one of the training set.
const sets = [
  { name: 'train', images: wholeNumber('train', values.train), firstSeed: seed * 0x10000000 },
  {
    name: 'test',
    images: wholeNumber('test', values.test),
    firstSeed: seed * 0x10000000 + 0x8000000,
  },
];
mkdirSync(values.out, { recursive: true });
for (const { name, images, firstSeed } of sets) {
  const pixels = new Uint8Array(images * HEIGHT * WIDTH);
  const labels = new Uint8Array(images);
  for (let i = 0; i < images; i++) {
    labels[i] = i % 10;
    pixels.set(drawDigit(labels[i], firstSeed + i), i * HEIGHT * WIDTH);
  }
  write(`${name}-images.idx.gz`, [images, HEIGHT, WIDTH], pixels);
  write(`${name}-labels.idx.gz`, [images], labels);
  if (values.sheet !== undefined && name === 'train') await writeSheet(values.sheet, pixels);
}
process.stdout.write(
  `Drew ${sets[0].images} training and ${sets[1].images} test images of ${HEIGHT}×${WIDTH} pixels, seed ${seed}, ` +
    `in ${((Date.now() - started) / 1000).toFixed(1)} s, into ${path.relative(process.cwd(), values.out) || '.'}\n`,
);

/** IDX: two zero bytes, type 8 (uint8), number of dimensions, the dimensions as big-endian uint32, the values. */
function write(name, dimensions, bytes) {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((n, i) => header.writeUInt32BE(n, 4 + 4 * i));
  writeFileSync(path.join(values.out, name), gzipSync(Buffer.concat([header, bytes])));
}

/** The first 400 images, in rows of 40, each magnified twice with a line between. */
async function writeSheet(file, pixels) {
  const { encode } = await import('fast-png');
  const [columns, rows, zoom] = [
    40,
    Math.min(10, Math.floor(pixels.length / (HEIGHT * WIDTH) / 40)),
    2,
  ];
  const [width, height] = [columns * (WIDTH * zoom + 2), rows * (HEIGHT * zoom + 2)];
  const data = new Uint8Array(width * height).fill(128);
  for (let p = 0; p < columns * rows * HEIGHT * WIDTH * zoom * zoom; p++) {
    const x = p % (WIDTH * zoom);
    const y = Math.floor(p / (WIDTH * zoom)) % (HEIGHT * zoom);
    const i = Math.floor(p / (WIDTH * zoom * HEIGHT * zoom));
    const to = (Math.floor(i / columns) * (HEIGHT * zoom + 2) + y) * width;
    data[to + (i % columns) * (WIDTH * zoom + 2) + x] =
      pixels[i * HEIGHT * WIDTH + Math.floor(y / zoom) * WIDTH + Math.floor(x / zoom)];
  }
  writeFileSync(file, encode({ width, height, data, channels: 1, depth: 8 }));
}
