/**
 * The motion of a hand that holds a device, as its accelerometer (in g) and gyroscope (in degrees a second) measure it. Each
 * subject holds and moves it in their own way; no two recordings are alike.
 */

/** @typedef {ReturnType<typeof import('../shared/random.mjs').createRandom>} Random */

export const RATE = 100;
export const GESTURES = ['idle', 'shake', 'circle', 'wave', 'twist', 'tap'];

/** What stays of a person: tempo and size of gestures, how the device lies in the hand, how still that is. */
export function makeSubject(random) {
  return {
    tempo: random.between(0.8, 1.25),
    size: random.between(0.7, 1.4),
    pitch: random.between(-0.5, 0.5),
    roll: random.between(-0.5, 0.5),
    tremor: random.between(0.005, 0.02),
    turned: random.chance(0.5) ? 1 : -1,
  };
}

/**
 * Of one moment: acceleration without gravity in g, turning in rad/s, and by how much the device is turned about x and y.
 * `phase` goes round once a period.
 */
const MOTIONS = {
  idle: () => ({}),
  shake: ({ phase, size, w }) => ({
    ax: 1.2 * size * Math.sin(phase),
    gz: 0.4 * size * Math.cos(phase),
    w,
  }),
  circle: ({ phase, size, turned }) => ({
    ax: 0.5 * size * Math.cos(phase),
    ay: 0.5 * size * turned * Math.sin(phase),
    gx: 0.3 * Math.sin(phase),
    gy: 0.3 * Math.cos(phase),
  }),
  wave: ({ phase, size, w }) => ({
    gz: 0.7 * size * w * Math.cos(phase),
    ay: 0.45 * size * Math.sin(phase),
  }),
  twist: ({ phase, size, w }) => ({
    roll: 0.8 * size * Math.sin(phase),
    gx: 0.8 * size * w * Math.cos(phase),
  }),
  tap: ({ phase, size }) => {
    const within = (phase / (2 * Math.PI)) % 1;
    const blow = Math.exp(-within * 18) * Math.cos(within * 60);
    return { az: 1.4 * size * blow, gy: 0.6 * size * blow };
  },
};
/** Periods a second. */
const TEMPO = { idle: 1, shake: 4.5, circle: 1.3, wave: 1.9, twist: 0.9, tap: 1.8 };

/**
 * @param {Random} random
 * @returns {number[][]} rows of ax, ay, az, gx, gy, gz
 */
export function move(gesture, subject, seconds, random) {
  const tempo = TEMPO[gesture] * subject.tempo * random.between(0.9, 1.1);
  const size = subject.size * random.between(0.85, 1.15);
  const [pitch, lean] = [
    subject.pitch + 0.1 * random.normal(),
    subject.roll + 0.1 * random.normal(),
  ];
  const offset = Array.from({ length: 3 }, () => 0.02 * random.normal());
  let phase = random.between(0, 2 * Math.PI);
  return Array.from({ length: Math.round(seconds * RATE) }, () => {
    const w = 2 * Math.PI * tempo * (1 + 0.1 * random.normal());
    phase += w / RATE;
    const motion = MOTIONS[gesture]({
      phase,
      size,
      w: 2 * Math.PI * tempo,
      turned: subject.turned,
    });
    const { ax = 0, ay = 0, az = 0, gx = 0, gy = 0, gz = 0, roll = 0 } = motion;
    const side = lean + roll;
    const gravity = [
      -Math.sin(pitch),
      Math.cos(pitch) * Math.sin(side),
      Math.cos(pitch) * Math.cos(side),
    ];
    const degrees = 180 / Math.PI;
    return [
      ...[ax, ay, az].map((a, i) => a + gravity[i] + subject.tremor * random.normal()),
      ...[gx, gy, gz].map((g, i) => degrees * (g + offset[i] + subject.tremor * random.normal())),
    ];
  });
}
