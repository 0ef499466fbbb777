/** Speech by espeak-ng: https://github.com/espeak-ng/espeak-ng */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseWav } from '../../shared/wav.mjs';

const execute = promisify(execFile);

/** @returns {Promise<string | undefined>} its version; undefined where it is not installed */
export async function espeakVersion() {
  try {
    const { stdout } = await execute('espeak-ng', ['--version']);
    return /[\d.]+/.exec(stdout)?.[0] ?? 'unknown';
  } catch {
    return undefined;
  }
}

/**
 * @param {{ word: string, accent: string, speaker: string, pitch: number, speed: number }} utterance
 * @returns the word without the silence around it
 */
export async function say({ word, accent, speaker, pitch, speed }) {
  const { stdout } = await execute(
    'espeak-ng',
    ['-v', `${accent}+${speaker}`, '-p', String(pitch), '-s', String(speed), '--stdout', word],
    { encoding: 'buffer', maxBuffer: 1 << 24 },
  );
  const { samples, sampleRate } = parseWav(stdout);
  return { samples: trimmed(samples, sampleRate), sampleRate };
}

/** From 10 ms before the first loud sample to 30 ms behind the last. */
function trimmed(samples, sampleRate) {
  const loudest = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const isLoud = (x) => Math.abs(x) > 0.03 * loudest;
  const first = samples.findIndex(isLoud);
  const last = samples.findLastIndex(isLoud);
  return samples.slice(Math.max(0, first - 0.01 * sampleRate), last + 0.03 * sampleRate);
}
