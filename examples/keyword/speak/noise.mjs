/** Noises of rooms and machines, made of random numbers: there is no microphone here. */

/** @typedef {ReturnType<typeof import('../../shared/random.mjs').createRandom>} Random */

export const NOISES = ['hiss', 'fan', 'hum', 'rain', 'rumble'];

/**
 * @param {Random} random
 * @returns {Float32Array} samples with a root mean square of 1
 */
export function makeNoise(kind, count, sampleRate, random) {
  const samples = new Float32Array(count);
  const make = MAKERS[kind];
  make(samples, sampleRate, random);
  const power = samples.reduce((sum, x) => sum + x * x, 0) / count;
  return samples.map((x) => x / Math.sqrt(power));
}

const MAKERS = {
  hiss: (samples, _rate, random) => {
    for (let i = 0; i < samples.length; i++) samples[i] = random.normal();
  },
  /** White noise through low passes of several corners, each as loud: pink. */
  fan: (samples, rate, random) => {
    const corners = [40, 160, 640, 2560].map(
      (hertz) => 1 - Math.exp((-2 * Math.PI * hertz) / rate),
    );
    const state = corners.map(() => 0);
    const blades = random.between(60, 140);
    for (let i = 0; i < samples.length; i++) {
      const white = random.normal();
      let sum = 0;
      corners.forEach((corner, k) => {
        state[k] += corner * (white - state[k]);
        sum += state[k] / Math.sqrt(corner);
      });
      samples[i] = sum * (1 + 0.2 * Math.sin((2 * Math.PI * blades * i) / rate));
    }
  },
  hum: (samples, rate, random) => {
    const mains = random.chance(0.5) ? 50 : 60;
    const tones = Array.from({ length: 8 }, (_, k) => ({
      step: (2 * Math.PI * mains * (k + 1)) / rate,
      high: random.between(0.2, 1) / (k + 1),
      phase: random.between(0, 6.28),
    }));
    for (let i = 0; i < samples.length; i++) {
      samples[i] =
        0.05 * random.normal() +
        tones.reduce((sum, { step, high, phase }) => sum + high * Math.sin(step * i + phase), 0);
    }
  },
  rain: (samples, rate, random) => {
    let ringing = 0;
    for (let i = 0; i < samples.length; i++) {
      if (random.chance(120 / rate)) ringing = random.between(0.3, 3);
      ringing *= 0.995;
      samples[i] = ringing * random.normal() + 0.1 * random.normal();
    }
  },
  rumble: (samples, rate, random) => {
    let [slow, slower] = [0, 0];
    for (let i = 0; i < samples.length; i++) {
      slow += 0.03 * (random.normal() - slow);
      slower += 0.001 * (random.normal() - slower);
      samples[i] = slow + 8 * slower * Math.sin((2 * Math.PI * 90 * i) / rate);
    }
  },
};
