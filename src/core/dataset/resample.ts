/** Brings samples to another rate, piece by piece, with SpeexDSP's resampler: one channel, the same result on every machine. */
import load, { type SpeexResampler } from '@echogarden/speex-resampler-wasm';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBytes } from '../util/read-file';

/** Of 0 … 10, the longest filter: errors of recordings stay below a count of int16. */
const QUALITY = 8;
/** Of what is changed at random anyway. */
export const ROUGH = 4;
/** Samples handed to the library at once. */
const PIECE = 4096;

const BINARY = 'speex-resampler-nonsimd.wasm';

let library: Promise<SpeexResampler> | undefined;

/** The build copies the binary beside the bundle; a run from sources finds it in the package. */
function openLibrary(): Promise<SpeexResampler> {
  const beside = join(dirname(fileURLToPath(import.meta.url)), BINARY);
  const inPackage = (): string =>
    join(
      dirname(createRequire(import.meta.url).resolve('@echogarden/speex-resampler-wasm')),
      BINARY,
    );
  return load({
    wasmBinary: readBytes(existsSync(beside) ? beside : inPackage(), 'program'),
    print: () => undefined,
    printErr: () => undefined,
  });
}

export interface Resampler {
  /** The samples that `samples` bring about, in memory of its own. */
  push(samples: Float32Array): Float32Array;
  /** What is still on its way, so that the count is that of the input times the rates' ratio, rounded up. Call it last, and once. */
  end(): Float32Array;
}

/** @param from samples a second, a whole number, as `to` */
export async function openResampler(
  from: number,
  to: number,
  quality: number = QUALITY,
): Promise<Resampler> {
  const speex = await (library ??= openLibrary());
  const error = speex._malloc(4);
  const state = speex._speex_resampler_init(1, from, to, quality, error);
  speex._free(error);
  if (state === 0) throw new Error(`no resampler from ${from} to ${to} samples a second`);
  speex._speex_resampler_skip_zeros(state);
  const [input, output, taken, given] = [4 * PIECE, 4 * PIECE, 4, 4].map((bytes) =>
    speex._malloc(bytes),
  ) as [number, number, number, number];
  let [fed, made] = [0, 0];

  const feed = (samples: Float32Array): Float32Array => {
    const pieces: Float32Array[] = [];
    let [done, length] = [0, 0];
    while (done < samples.length) {
      const count = Math.min(PIECE, samples.length - done);
      speex.HEAPF32.set(samples.subarray(done, done + count), input / 4);
      speex.HEAPU32[taken / 4] = count;
      speex.HEAPU32[given / 4] = PIECE;
      speex._speex_resampler_process_float(state, 0, input, taken, output, given);
      const got = speex.HEAPU32[given / 4]!;
      done += speex.HEAPU32[taken / 4]!;
      length += got;
      pieces.push(speex.HEAPF32.slice(output / 4, output / 4 + got));
    }
    const joined = new Float32Array(length);
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  };
  return {
    push: (samples) => {
      const out = feed(samples);
      fed += samples.length;
      made += out.length;
      return out;
    },
    end: () => {
      const wanted = Math.ceil((fed * to) / from) - made;
      const rest = new Float32Array(Math.max(wanted, 0));
      let at = 0;
      const silence = new Float32Array(speex._speex_resampler_get_input_latency(state) + 1);
      while (at < rest.length) {
        const out = feed(silence).subarray(0, rest.length - at);
        rest.set(out, at);
        at += out.length;
      }
      speex._speex_resampler_destroy(state);
      for (const pointer of [input, output, taken, given]) speex._free(pointer);
      return rest;
    },
  };
}
