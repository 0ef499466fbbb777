/**
 * A WAV file as int16 samples at the rate and with the channels that a front end takes: what a microphone or sensor would
 * have given the chip. Whatever the file holds, no more of it is in memory at once than a piece and the result.
 */
import { decoder } from '@audio/decode-wav';
import { UserError } from '../util/errors';
import { withOpenFile } from '../util/read-file';
import { openResampler, type Resampler } from './resample';
import { inspectWav, type WavHeader } from './wav-header';

export interface Sound {
  /** [samples, channels]. */
  readonly data: Int16Array;
  /** Of each channel. */
  readonly samples: number;
  readonly channels: number;
  readonly facts: SoundFacts;
}

/** What may be wrong with a recording, though it can be read. */
export interface SoundFacts {
  /** As the file has it; the samples have the rate that was wanted. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly seconds: number;
  /** Hardly a sample differs from another. */
  readonly silent: boolean;
  /** The largest magnitude of floats, where that is beyond the 1 that they may have. */
  readonly beyond?: number;
  /** Share of the samples that lie at the end of the range beside others that do, where the true wave went on. */
  readonly clipped: number;
}

/** Frames decoded at once. */
const PIECE = 1 << 15;
/** 1 GiB of int16: nine hours at 16 kHz. */
const MOST_SAMPLES = 1 << 29;
/** Counts of int16 between the least and the largest sample of what no microphone heard: the noise of rounding. */
const SILENT = 4;
/** Neighbours at the end of the range that no wave has by chance. */
const CLIPPED_RUN = 3;

/**
 * @param wanted one channel: those of the file are mixed down. More: the file must have as many.
 * @throws UserError where the file is damaged, or has channels that cannot be used
 */
export async function readSound(
  file: string,
  wanted: { readonly sampleRate: number; readonly channels: number },
): Promise<Sound> {
  const header = inspectWav(file);
  const { sampleRate, channels } = wanted;
  if (channels !== 1 && channels !== header.channels) {
    throw new UserError(
      `the WAV file has ${header.channels} channel${header.channels === 1 ? '' : 's'}, but the front end takes ${channels}`,
      { file },
    );
  }
  const samples = Math.ceil((header.frames * sampleRate) / header.sampleRate);
  if (samples * channels > MOST_SAMPLES) {
    throw new UserError(
      `the recording has ${samples} samples at ${sampleRate} Hz; at most ${MOST_SAMPLES / channels} are read at once, so cut it into several files`,
      { file },
    );
  }
  const resamplers =
    header.sampleRate === sampleRate
      ? undefined
      : await Promise.all(
          Array.from({ length: channels }, () => openResampler(header.sampleRate, sampleRate)),
        );
  const data = new Int16Array(samples * channels);
  const watch = new Watch();
  const written = new Uint32Array(channels);
  const put = (channel: number, counts: Float32Array): void => {
    let at = written[channel]!;
    for (const count of counts) data[at++ * channels + channel] = toInt16(count);
    written[channel] = at;
  };
  for (const planes of decodePieces(file, header, watch)) {
    planes.forEach((plane) => watch.look(plane));
    const mixed = channels === 1 ? [mixDown(planes)] : planes;
    mixed.forEach((plane, channel) => put(channel, resampled(plane, resamplers?.[channel])));
  }
  resamplers?.forEach((resampler, channel) => put(channel, resampler.end()));
  const facts = {
    sampleRate: header.sampleRate,
    channels: header.channels,
    seconds: header.frames / header.sampleRate,
    ...watch.facts(),
  };
  return { data, samples, channels, facts };
}

function resampled(plane: Float32Array, resampler: Resampler | undefined): Float32Array {
  return resampler === undefined ? plane : resampler.push(plane);
}

function toInt16(count: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(count)));
}

/** In counts of int16, a plane for each channel. */
function* decodePieces(file: string, header: WavHeader, watch: Watch): Generator<Float32Array[]> {
  const { coding, start, frames, frameBytes, channels } = header;
  const wav = decoder();
  // Chunks have been looked at; the library is given those alone that matter.
  wav.decode(plainHeader(header));
  const piece = Buffer.alloc(Math.min(PIECE, frames) * frameBytes);
  for (let done = 0; done < frames;) {
    const count = Math.min(PIECE, frames - done);
    const bytes = piece.subarray(0, count * frameBytes);
    const got = withOpenFile(file, 'data', ({ read }) => read(bytes, start + done * frameBytes));
    if (got !== bytes.length) {
      throw new UserError('the file has changed while it was read', { file });
    }
    const { channelData } = wav.decode(bytes);
    if (channelData.length !== channels || channelData[0]?.length !== count) {
      throw new UserError('the WAV file cannot be decoded', { file });
    }
    if (coding === 'float') {
      for (const plane of channelData) watch.lookAtFloats(plane, { file, header, done });
    }
    yield channelData.map((plane) => toCounts(plane, header));
    done += count;
  }
  wav.free();
}

/** In place. The library gives counts of PCM as fractions of the last one of their own sign. */
function toCounts(plane: Float32Array, { coding, bits }: WavHeader): Float32Array {
  const most = coding === 'pcm' ? 32768 - 2 ** (16 - bits) : 32768;
  for (let i = 0; i < plane.length; i++) {
    const value = plane[i]!;
    const count = value < 0 ? value * 32768 : value * most;
    plane[i] = Math.max(-32768, Math.min(32767, count));
  }
  return plane;
}

function mixDown(planes: readonly Float32Array[]): Float32Array {
  const [first] = planes;
  if (first === undefined || planes.length === 1) return first ?? new Float32Array(0);
  return first.map((_, i) => planes.reduce((sum, plane) => sum + plane[i]!, 0) / planes.length);
}

const TAGS: Readonly<Record<WavHeader['coding'], number>> = { pcm: 1, float: 3, alaw: 6, ulaw: 7 };

function plainHeader({
  coding,
  bits,
  channels,
  sampleRate,
  frameBytes,
  frames,
}: WavHeader): Uint8Array {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(TAGS[coding], 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(frames * frameBytes, 40);
  return header;
}

/** Sees the samples of all channels, each channel's pieces in order. */
class Watch {
  #least = Infinity;
  #most = -Infinity;
  #seen = 0;
  #clipped = 0;
  #beyond = 1;

  /** @throws UserError where one of them is no number: there is nothing to take in its place */
  lookAtFloats(
    plane: Float32Array,
    {
      file,
      header,
      done,
    }: { readonly file: string; readonly header: WavHeader; readonly done: number },
  ): void {
    for (const [i, value] of plane.entries()) {
      if (!Number.isFinite(value)) {
        const time = ((done + i) / header.sampleRate).toFixed(3);
        throw new UserError(
          `the WAV file has a sample that is ${value}, at ${time} s; every one must be a number: write the file again, or remove it`,
          { file },
        );
      }
      this.#beyond = Math.max(this.#beyond, Math.abs(value));
    }
  }

  look(counts: Float32Array): void {
    let run = 0;
    let last = NaN;
    for (const count of counts) {
      if (count < this.#least) this.#least = count;
      if (count > this.#most) this.#most = count;
      const edge = count >= 32767 || count <= -32768;
      run = edge ? (count === last ? run + 1 : 1) : 0;
      if (run >= CLIPPED_RUN) this.#clipped += run === CLIPPED_RUN ? CLIPPED_RUN : 1;
      last = count;
    }
    this.#seen += counts.length;
  }

  facts(): Pick<SoundFacts, 'silent' | 'clipped' | 'beyond'> {
    return {
      silent: this.#most - this.#least <= SILENT,
      clipped: this.#clipped / this.#seen,
      ...(this.#beyond > 1 ? { beyond: this.#beyond } : {}),
    };
  }
}
