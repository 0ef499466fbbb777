/** What decodes a codec's tiles on the chip: one entry a codec. The C files lie in the codec's folder. */
import type { CodecId } from './codecs';

export interface CodecRuntime {
  /** The function, and the .c and .h file, that reads one tile of a blob of version 2 (east_codec.h). */
  readonly reader: string;
  /** Further C files with headers of the same name, which it calls. */
  readonly decoders: readonly string[];
  /** Bytes of stack beyond what any network takes (docs/firmware.md); 0 where absent. */
  readonly stack?: number;
}

export type CodecRuntimes = Readonly<Record<string, CodecRuntime>>;

export const RUNTIMES = {
  raw: { reader: 'east_read_raw', decoders: [] },
  lz4: { reader: 'east_read_lz4', decoders: ['east_lz4'] },
  entropy: { reader: 'east_read_entropy', decoders: ['east_entropy'], stack: 1024 },
} satisfies Record<CodecId, CodecRuntime>;

/** Decoders that the reader of version 1, which knows these codecs without a table, calls. */
export const VERSION_1_DECODERS: readonly string[] = [
  ...RUNTIMES.raw.decoders,
  ...RUNTIMES.lz4.decoders,
];
