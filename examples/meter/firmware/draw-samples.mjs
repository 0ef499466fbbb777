// Draws the ten photographs that main.c reads, one of each digit, with seeds that no data set uses: samples.c.
import { writeFileSync } from 'node:fs';
import { drawDigit, HEIGHT, WIDTH } from '../draw/picture.mjs';

const FIRST_SEED = 0x5a5a0000;

const pictures = Array.from({ length: 10 }, (_, digit) => {
  const pixels = drawDigit(digit, FIRST_SEED + digit);
  const rows = Array.from({ length: HEIGHT }, (_, y) =>
    [...pixels.subarray(y * WIDTH, (y + 1) * WIDTH)].join(','),
  );
  return `    {\n${rows.map((row) => `        ${row},`).join('\n')}\n    },`;
});

const text = `/*
 * samples.c - one photograph of each digit, 0 to 9, drawn by draw-samples.mjs as the training data is.
 */
#include "samples.h"

const uint8_t samples[SAMPLE_COUNT][SAMPLE_HEIGHT * SAMPLE_WIDTH] = {
${pictures.join('\n')}
};
`;
writeFileSync(new URL('samples.c', import.meta.url), text);
