/** WAV files of one channel and 16 bits, written and read as far as the examples need it. */
import { writeFileSync } from 'node:fs';

/** @param {ArrayLike<number>} samples from -1 to 1 */
export function writeWav(file, samples, sampleRate) {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(2 * sampleRate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * samples.length, 40);
  for (let i = 0; i < samples.length; i++) {
    bytes.writeInt16LE(
      Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768))),
      44 + 2 * i,
    );
  }
  writeFileSync(file, bytes);
}

/** @returns {{ samples: Float32Array, sampleRate: number }} of 16 bits and one channel, as espeak-ng writes them */
export function parseWav(bytes) {
  const data = bytes.indexOf('data', 12, 'latin1');
  const count = Math.floor((bytes.length - data - 8) / 2);
  const samples = Float32Array.from(
    { length: count },
    (_, i) => bytes.readInt16LE(data + 8 + 2 * i) / 32768,
  );
  return { samples, sampleRate: bytes.readUInt32LE(24) };
}
