/**
 * The vibration of a motor's bearing shield, as an accelerometer on it would measure: what turns and hums, the noise of the
 * surroundings through the resonances of the housing, and, where a bearing is damaged, an impact whenever a ball rolls over
 * the damage.
 */

/** @typedef {ReturnType<typeof import('../shared/random.mjs').createRandom>} Random */

export const RATE = 8000;

/** A bearing of nine balls: how often per turn of the shaft a damage is hit, and how often it turns with the shaft. */
const BEARING = {
  outer: { hits: 3.58, turns: 0 },
  inner: { hits: 5.42, turns: 1 },
  ball: { hits: 4.71, turns: 0.4 },
};

export const FAULTS = ['outer', 'inner', 'ball', 'imbalance'];

/** A housing rings at these frequencies, in Hz, longer or shorter. */
const RESONANCES = [
  { hertz: 640, seconds: 0.006, gain: 0.7 },
  { hertz: 1750, seconds: 0.003, gain: 1 },
  { hertz: 3150, seconds: 0.0015, gain: 1.4 },
];

/**
 * @param {string | undefined} fault one of FAULTS; undefined: the motor is sound
 * @param {Random} random also of speed and load
 * @returns {Float64Array} samples from -1 to 1
 */
export function measureMotor(seconds, fault, random) {
  const count = Math.round(seconds * RATE);
  const load = random.between(0.2, 1);
  const speed = 24.6 - 1.2 * load + 0.05 * random.normal();
  const severity = random.between(0.5, 1.5);
  const samples = new Float64Array(count);
  addShaft(samples, speed, load, fault === 'imbalance' ? 3 + 3 * severity : 1, random);
  const blows = new Float64Array(count);
  for (let i = 0; i < count; i++) blows[i] = (0.05 + 0.04 * load) * random.normal();
  if (fault !== undefined && fault !== 'imbalance') {
    addHits(blows, speed, BEARING[fault], severity * (0.6 + 0.4 * load), random);
  }
  addResonances(samples, blows);
  const scale = random.between(0.9, 1.1) * 0.08;
  return samples.map((x) => scale * x + 0.002 * random.normal());
}

/** The shaft and its harmonics, the fan's blades, twice the mains. */
function addShaft(samples, speed, load, imbalance, random) {
  const tones = [
    { hertz: speed, high: 0.35 * imbalance },
    { hertz: 2 * speed, high: 0.15 },
    { hertz: 3 * speed, high: 0.06 },
    { hertz: 7 * speed, high: 0.2 },
    { hertz: 14 * speed, high: 0.07 },
    { hertz: 100, high: 0.15 + 0.2 * load },
    { hertz: 200, high: 0.05 + 0.08 * load },
  ].map((tone) => ({ ...tone, phase: random.between(0, 2 * Math.PI) }));
  // No motor turns quite evenly.
  let drift = 0;
  for (let i = 0; i < samples.length; i++) {
    drift += 0.0004 * random.normal() - 0.0002 * drift;
    for (const { hertz, high, phase } of tones) {
      samples[i] +=
        high * Math.sin((2 * Math.PI * hertz * i) / RATE + phase + (hertz / 50) * drift);
    }
  }
}

/** Balls slip, so hits come a percent too early or too late. */
function addHits(blows, speed, { hits, turns }, strength, random) {
  const period = RATE / (hits * speed);
  const phase = random.between(0, 2 * Math.PI);
  for (
    let at = random.between(0, period);
    at < blows.length;
    at += period * (1 + 0.01 * random.normal())
  ) {
    // A damage that turns with the shaft is under load once a turn.
    const angle = (2 * Math.PI * turns * speed * at) / RATE + phase;
    const pressed = turns === 0 ? 1 : Math.max(0.1, Math.cos(angle));
    blows[Math.floor(at)] += 2.2 * strength * pressed * random.between(0.8, 1.2);
  }
}

function addResonances(samples, blows) {
  for (const { hertz, seconds, gain } of RESONANCES) {
    const radius = Math.exp(-1 / (seconds * RATE));
    const a = 2 * radius * Math.cos((2 * Math.PI * hertz) / RATE);
    const b = -radius * radius;
    let [y1, y2] = [0, 0];
    for (let i = 0; i < samples.length; i++) {
      const y = a * y1 + b * y2 + blows[i] * gain * Math.sin((2 * Math.PI * hertz) / RATE);
      [y1, y2] = [y, y1];
      samples[i] += y;
    }
  }
}
