/**
 * One photograph of one number wheel: a digit (now and then on its way to the next), printed on a curved drum, worn,
 * scratched, badly lit, a little out of focus, seen by a cheap sensor.
 */
import { GLYPHS } from './glyphs.mjs';
import { createRandom } from '../../shared/random.mjs';

export const HEIGHT = 24;
export const WIDTH = 16;
const PIXELS = HEIGHT * WIDTH;

/**
 * @param {number} digit the digit that shows most, 0 … 9
 * @param {number} seed
 * @returns {Uint8Array} grey levels, row by row
 */
export function drawDigit(digit, seed) {
  const random = createRandom(seed);
  const ink = printDigits(digit, random);
  wear(ink, random);
  const picture = light(ink, random);
  scratch(picture, random);
  const sharp = blur(picture, random.between(0.25, 0.95));
  const noise = random.between(2, 10);
  return Uint8Array.from(sharp, (value) =>
    Math.max(0, Math.min(255, Math.round(value + noise * random.normal()))),
  );
}

/** Coverage of every pixel by ink, 0 … 1. */
function printDigits(digit, random) {
  const style = random.int(6);
  const hand = {
    width: random.between(6.6, 9.4),
    height: random.between(13, 16.5),
    x: WIDTH / 2 + random.between(-1.4, 1.4),
    y: HEIGHT / 2 + random.between(-1.5, 1.5),
    slant: random.between(-0.16, 0.16),
    turn: random.between(-0.11, 0.11),
    bend: random.between(-0.06, 0.06),
    phase: random.between(0, 6),
  };
  // The wheel: digits follow one another upwards; one picture in six is caught between two of them.
  const pitch = hand.height + random.between(4, 7);
  const rolled = random.chance(1 / 6) ? random.between(-0.3, 0.3) : random.between(-0.05, 0.05);
  const thickness = random.between(1.5, 3);
  const segments = [];
  for (const neighbour of [-1, 0, 1]) {
    const glyphs = GLYPHS[(digit + neighbour + 10) % 10];
    const strokes = glyphs[style % glyphs.length];
    place(strokes, hand, (neighbour + rolled) * pitch, segments);
  }
  const flat = Float64Array.from(segments);
  const ink = new Float64Array(PIXELS);
  for (let p = 0; p < PIXELS; p++) {
    const nearest = Math.sqrt(nearestSquared(p, flat));
    ink[p] = Math.max(0, Math.min(1, thickness / 2 - nearest + 0.5));
  }
  return ink;
}

/** Strokes in the unit box become line segments x0, y0, x1, y1 in pixels, one after another; those out of sight do not. */
function place(strokes, hand, dy, segments) {
  const [cos, sin] = [Math.cos(hand.turn), Math.sin(hand.turn)];
  const toPixels = ([u, v]) => {
    const bent = u - 0.5 + hand.bend * Math.sin(5 * v + hand.phase);
    const x = bent * hand.width - hand.slant * (v - 0.5) * hand.height;
    const y = (v - 0.5) * hand.height + dy;
    return [hand.x + cos * x - sin * y, hand.y + sin * x + cos * y];
  };
  for (const points of strokes) {
    const places = points.map(toPixels);
    for (let i = 1; i < places.length; i++) {
      const [[x0, y0], [x1, y1]] = [places[i - 1], places[i]];
      if (Math.max(y0, y1) > -3 && Math.min(y0, y1) < HEIGHT + 3) segments.push(x0, y0, x1, y1);
    }
  }
}

/** Squared distance from the centre of pixel `p` to the nearest of the segments (four numbers each). */
function nearestSquared(p, segments) {
  const x = (p % WIDTH) + 0.5;
  const y = Math.floor(p / WIDTH) + 0.5;
  let nearest = Infinity;
  for (let i = 0; i < segments.length; i += 4) {
    const ax = x - segments[i];
    const ay = y - segments[i + 1];
    const dx = segments[i + 2] - segments[i];
    const dy = segments[i + 3] - segments[i + 1];
    const t = Math.max(0, Math.min(1, (ax * dx + ay * dy) / (dx * dx + dy * dy + 1e-12)));
    const ex = ax - t * dx;
    const ey = ay - t * dy;
    nearest = Math.min(nearest, ex * ex + ey * ey);
  }
  return nearest;
}

/** Ink that has rubbed off in patches. */
function wear(ink, random) {
  const strength = random.chance(0.5) ? random.between(0, 0.25) : random.between(0.25, 0.7);
  const cell = random.between(2.5, 6);
  const columns = Math.ceil(WIDTH / cell) + 2;
  const grid = Float64Array.from({ length: columns * (Math.ceil(HEIGHT / cell) + 2) }, () =>
    random.between(0, 1),
  );
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [gx, gy] = [x / cell, y / cell];
      const [ix, iy] = [Math.floor(gx), Math.floor(gy)];
      const [fx, fy] = [gx - ix, gy - iy];
      const at = iy * columns + ix;
      const top = grid[at] * (1 - fx) + grid[at + 1] * fx;
      const bottom = grid[at + columns] * (1 - fx) + grid[at + columns + 1] * fx;
      const patch = top * (1 - fy) + bottom * fy;
      ink[y * WIDTH + x] *= 1 - strength * Math.max(0, Math.min(1, 2.5 * (patch - 0.35)));
    }
  }
}

/** Ink and drum become grey levels under uneven light. */
function light(ink, random) {
  let dark = random.between(15, 80);
  let bright = dark + random.between(85, 165);
  // Most wheels are white on black; the decimals are often the other way round.
  if (random.chance(0.2)) [dark, bright] = [bright, dark];
  const tilt = random.between(0, 0.4);
  const direction = random.between(0, 2 * Math.PI);
  const curvature = random.between(0.1, 0.55);
  const axis = HEIGHT / 2 + random.between(-2, 2);
  const gap = random.chance(0.6) ? random.between(0.5, 2) : 0;
  const gapSide = random.int(2);
  const glare = random.chance(0.25)
    ? {
        x: random.between(0, WIDTH),
        y: random.between(0, HEIGHT),
        size: random.between(2, 6),
        add: random.between(20, 90),
      }
    : undefined;
  const picture = new Float64Array(PIXELS);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const across = ((x - WIDTH / 2) * Math.cos(direction)) / WIDTH;
      const down = ((y - HEIGHT / 2) * Math.sin(direction)) / HEIGHT;
      const drum = 1 - curvature * ((y - axis) / (HEIGHT / 2)) ** 2;
      let value = (dark + (bright - dark) * ink[y * WIDTH + x]) * drum;
      value *= 1 + 2 * tilt * (across + down);
      // The slit beside the wheel, in shadow.
      const fromSide = gapSide === 0 ? x + 0.5 : WIDTH - x - 0.5;
      if (fromSide < gap) value *= 0.35;
      if (glare !== undefined) {
        const r2 = (x - glare.x) ** 2 + (y - glare.y) ** 2;
        value += glare.add * Math.exp(-r2 / (2 * glare.size ** 2));
      }
      picture[y * WIDTH + x] = value;
    }
  }
  return picture;
}

/** Hair lines across the window, lighter or darker than what is behind. */
function scratch(picture, random) {
  const count = random.chance(0.4) ? 1 + random.int(3) : 0;
  for (let i = 0; i < count; i++) {
    const [x, y] = [random.between(0, WIDTH), random.between(0, HEIGHT)];
    const angle = random.between(0, 2 * Math.PI);
    const length = random.between(4, 22);
    const segment = Float64Array.of(
      x,
      y,
      x + length * Math.cos(angle),
      y + length * Math.sin(angle),
    );
    const [half, add] = [random.between(0.2, 0.5), random.between(-70, 80)];
    for (let p = 0; p < PIXELS; p++) {
      const d = Math.sqrt(nearestSquared(p, segment));
      picture[p] += add * Math.max(0, Math.min(1, half - d + 0.5));
    }
  }
}

/** Gaussian blur, rows then columns, edges repeated. */
function blur(picture, sigma) {
  const weights = Float64Array.of(-2, -1, 0, 1, 2).map((d) =>
    Math.exp((-d * d) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b);
  const rows = new Float64Array(PIXELS);
  const out = new Float64Array(PIXELS);
  for (let p = 0; p < PIXELS; p++) {
    const x = p % WIDTH;
    for (let d = -2; d <= 2; d++) {
      const from = Math.max(0, Math.min(WIDTH - 1, x + d));
      rows[p] += (weights[d + 2] * picture[p - x + from]) / sum;
    }
  }
  for (let p = 0; p < PIXELS; p++) {
    const x = p % WIDTH;
    const y = (p - x) / WIDTH;
    for (let d = -2; d <= 2; d++) {
      const from = Math.max(0, Math.min(HEIGHT - 1, y + d));
      out[p] += (weights[d + 2] * rows[from * WIDTH + x]) / sum;
    }
  }
  return out;
}
