/** What the chunks of a WAV file say of its sound, and whether all of it is there. */
import { UserError } from '../util/errors';
import { withOpenFile } from '../util/read-file';

/** How samples are stored. `alaw` and `ulaw` are telephones' logarithmic bytes. */
export type WavCoding = 'pcm' | 'float' | 'alaw' | 'ulaw';

export interface WavHeader {
  readonly coding: WavCoding;
  readonly bits: number;
  readonly channels: number;
  /** Of each channel in a second. */
  readonly sampleRate: number;
  /** Samples of each channel. */
  readonly frames: number;
  /** Byte at which samples begin. */
  readonly start: number;
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
}

/** By the tag that a file gives its format. */
const CODINGS: ReadonlyMap<number, WavCoding> = new Map([
  [1, 'pcm'],
  [3, 'float'],
  [6, 'alaw'],
  [7, 'ulaw'],
]);
const BITS: Readonly<Record<WavCoding, readonly number[]>> = {
  pcm: [8, 16, 24, 32],
  float: [32, 64],
  alaw: [8],
  ulaw: [8],
};
/** The tag that says: the real one stands further behind. */
const EXTENSIBLE = 0xfffe;
const MOST_CHANNELS = 64;
const RATES = { least: 10, most: 1_000_000 };
/** A file with more chunks in front of its sound is no recording. */
const MOST_CHUNKS = 10_000;
/** Programs that write a stream and never learn its length leave nothing, or more than a file can have. */
const UNKNOWN_BYTES = { none: 0, least: 0x7ffff000 };

/** Throws UserError where the file is no WAV file, is cut short, or has its samples in a way that is not read. */
export function inspectWav(file: string): WavHeader {
  const header = withOpenFile(file, 'data', ({ size, read }) => {
    const bytesAt = (position: number, length: number): Buffer => {
      const buffer = Buffer.alloc(length);
      return buffer.subarray(0, read(buffer, position));
    };
    return readChunks(size, bytesAt, file);
  });
  if (header === undefined) throw new UserError('cannot be read: no such file', { file });
  return header;
}

type BytesAt = (position: number, length: number) => Buffer;

function readChunks(size: number, bytesAt: BytesAt, file: string): WavHeader {
  const start = bytesAt(0, 12);
  const container = start.toString('latin1', 0, 4);
  if (
    start.length < 12 ||
    !['RIFF', 'RF64'].includes(container) ||
    start.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw new UserError(
      size === 0
        ? 'the file is empty'
        : 'the content is no WAV file: it does not begin with RIFF and WAVE; convert it to WAV first',
      { file },
    );
  }
  let format: Format | undefined;
  let position = 12;
  for (let chunks = 0; chunks < MOST_CHUNKS && position + 8 <= size; chunks++) {
    const head = bytesAt(position, 8);
    const name = head.toString('latin1', 0, 4);
    const length = head.readUInt32LE(4);
    if (name === 'fmt ') format = readFormat(bytesAt(position + 8, Math.min(length, 40)), file);
    if (name === 'data') {
      if (format === undefined) {
        throw new UserError('the WAV file does not say how its samples are stored (no "fmt ")', {
          file,
        });
      }
      return withSound(format, position + 8, length, size, file);
    }
    // Chunks begin at even bytes.
    position += 8 + length + (length % 2);
  }
  throw new UserError(
    'the WAV file holds no sound: it was cut short, or never written to its end; copy or record it again, or remove it',
    { file },
  );
}

type Format = Omit<WavHeader, 'frames' | 'start'>;

function readFormat(bytes: Buffer, file: string): Format {
  if (bytes.length < 16) throw new UserError('the WAV file ends within its header', { file });
  const given = bytes.readUInt16LE(0);
  const tag = given === EXTENSIBLE && bytes.length >= 26 ? bytes.readUInt16LE(24) : given;
  const channels = bytes.readUInt16LE(2);
  const sampleRate = bytes.readUInt32LE(4);
  const frameBytes = bytes.readUInt16LE(12);
  const bits = bytes.readUInt16LE(14);
  const coding = CODINGS.get(tag);
  if (coding === undefined) {
    throw new UserError(
      `the WAV file is compressed in a way that is not read (format ${tag}); convert it to 16-bit PCM`,
      { file },
    );
  }
  if (!BITS[coding].includes(bits)) {
    throw new UserError(
      `the WAV file has samples of ${bits} bits; those of ${BITS[coding].join(', ')} are read${coding === 'pcm' ? ', and floats of 32 and 64' : ''}`,
      { file },
    );
  }
  if (channels < 1 || channels > MOST_CHANNELS) {
    throw new UserError(
      `the WAV file says it has ${channels} channels; 1 to ${MOST_CHANNELS} can be read`,
      { file },
    );
  }
  if (sampleRate < RATES.least || sampleRate > RATES.most) {
    throw new UserError(
      `the WAV file says it has ${sampleRate} samples a second; ${RATES.least} to ${RATES.most} can be read`,
      { file },
    );
  }
  if (frameBytes !== (channels * bits) / 8) {
    throw new UserError(
      `the WAV file's header is damaged: ${channels} channels of ${bits} bits take ${(channels * bits) / 8} bytes, not ${frameBytes}`,
      { file },
    );
  }
  return { coding, bits, channels, sampleRate, frameBytes };
}

function withSound(
  format: Format,
  start: number,
  length: number,
  size: number,
  file: string,
): WavHeader {
  const there = size - start;
  const unknown = length === UNKNOWN_BYTES.none || length >= UNKNOWN_BYTES.least;
  const bytes = unknown ? there : length;
  const seconds = (n: number): string =>
    `${(n / format.frameBytes / format.sampleRate).toFixed(2)} s`;
  if (bytes > there) {
    throw new UserError(
      `the WAV file is cut short: of ${seconds(bytes)} of sound that it announces only ${seconds(there)} are there; copy or record it again, or remove it`,
      { file },
    );
  }
  const frames = Math.floor(bytes / format.frameBytes);
  if (frames === 0) throw new UserError('the WAV file holds no samples', { file });
  return { ...format, frames, start };
}
