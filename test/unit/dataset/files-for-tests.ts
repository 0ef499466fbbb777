/** Small data files of every format, written into a temporary folder that the test process removes. */
import { zipSync } from 'fflate';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatasetConfig } from '../../../src/core/config/config';
import type { Dataset } from '../../../src/core/dataset/dataset';
import { loadDataset } from '../../../src/core/dataset/load-dataset';
import type { DatasetModel } from '../../../src/core/dataset/source';
import type { OnProgress } from '../../../src/core/dataset/progress';
import { formatUserError, UserError } from '../../../src/core/util/errors';

export type LoadArguments = [
  config: DatasetConfig,
  model: DatasetModel,
  seed: number,
  onProgress?: OnProgress,
];

export class TemporaryFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'east-dataset-'));

  /** Writes a file, with the folders it needs, and returns its absolute path. */
  write(name: string, content: Uint8Array | string): string {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** A message with this folder's path replaced by `$`. */
  relative(text: string): string {
    return text.replaceAll(this.path, '$');
  }

  /** loadDataset with this folder as the workspace. */
  load(...[config, model, seed, onProgress]: LoadArguments): Promise<Dataset> {
    return loadDataset(config, model, seed, this.path, onProgress);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

export function datasetConfig(
  changes: Partial<DatasetConfig> & Pick<DatasetConfig, 'format' | 'train' | 'test'>,
): DatasetConfig {
  return {
    validation: 0.25,
    limit: 0,
    augment: { flip: false, shift: 0, noise: 0 },
    ...changes,
  };
}

/** The formatted UserError that `action` ends in; anything else fails the test. */
export async function userErrorOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return formatUserError(error);
    throw error;
  }
  throw new Error('expected a UserError, but nothing was thrown');
}

/** IDX with values of `type` (default uint8) already encoded. */
export function idx(dimensions: readonly number[], bytes: Uint8Array, type = 8): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, type, dimensions.length]);
  dimensions.forEach((n, i) => header.writeUInt32BE(n, 4 + 4 * i));
  return Buffer.concat([header, bytes]);
}

/** .npy of version 1, header padded to a multiple of 64 as NumPy does. */
export function npy(
  descr: string,
  dimensions: readonly number[],
  bytes: Uint8Array,
  fortran = false,
): Uint8Array {
  const shape = dimensions.length === 1 ? `${dimensions[0]},` : dimensions.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(length, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', 10 + length - 1);
  return Buffer.concat([header, bytes]);
}

export function npz(arrays: Record<string, Uint8Array>): Uint8Array {
  return zipSync(
    Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])),
  );
}

export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Bytes 0, 1, 2, … modulo 251. */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** `count` labels 0, 1, … classes − 1, 0, … */
export function cycle(count: number, classes: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => i % classes);
}

export interface WavOptions {
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly bits?: 8 | 16 | 24 | 32 | 64;
  readonly float?: boolean;
  /** Put between the format and the sound. */
  readonly chunk?: Uint8Array;
}

/** A WAV file; `samples`: numbers from -1 to 1, interleaved. */
export function wav(
  samples: ArrayLike<number>,
  { sampleRate = 16000, channels = 1, bits = 16, float = false, chunk }: WavOptions = {},
): Buffer {
  const bytes = bits / 8;
  const sound = Buffer.alloc(samples.length * bytes);
  const whole = 2 ** (bits - 1);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    const count = Math.max(-whole, Math.min(whole - 1, Math.round(value * whole)));
    if (float && bits === 32) sound.writeFloatLE(value, i * bytes);
    else if (float) sound.writeDoubleLE(value, i * bytes);
    else if (bits === 8) sound.writeUInt8(count + 128, i);
    else sound.writeIntLE(count, i * bytes, bytes);
  }
  const format = Buffer.alloc(16);
  format.writeUInt16LE(float ? 3 : 1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE(sampleRate * channels * bytes, 8);
  format.writeUInt16LE(channels * bytes, 12);
  format.writeUInt16LE(bits, 14);
  return riff(riffChunk('fmt ', format), chunk ?? new Uint8Array(0), riffChunk('data', sound));
}

/** Chunks begin at even bytes. */
export function riffChunk(name: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

export function riff(...chunks: Uint8Array[]): Buffer {
  const body = Buffer.concat(chunks);
  const head = Buffer.alloc(12);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  head.write('WAVE', 8, 'latin1');
  return Buffer.concat([head, body]);
}
