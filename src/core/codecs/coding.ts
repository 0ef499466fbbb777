/** How a layer's tiles are stored: by the layer's codec, and each as it is where that does not make it smaller. */
import type { WeightFormat } from '../formats/formats';
import { packedBytes, packWeights, unpackWeights } from '../formats/packing';
import type { Codec } from './codec';
import type { Codecs } from './codecs';
import { CODECS, codecOf } from './codecs';
import type { CodecOptions } from './options';
import { defined } from '../util/defined';

export interface LayerCoding {
  readonly codec: Codec;
  /** Of the weights' codes, before the codec. */
  readonly format: WeightFormat;
  readonly options: CodecOptions;
  /** By which a tile may be stored instead where that takes fewer bytes; nobody counts on it. */
  readonly others?: readonly Codec[];
}

/** One tile, stored. */
export interface StoredTile {
  /** Id of the codec that decodes it. */
  readonly codec: string;
  /** That it shares with other tiles; absent where the codec has none. */
  readonly table?: Uint8Array;
  readonly stored: Uint8Array;
}

/** By layer name. */
export type LayerCodings = Readonly<Record<string, LayerCoding>>;

/** What tiles are stored by that the layer's codec does not make smaller. */
const PLAIN = CODECS.raw;

/** The coding of layers for which nothing else is chosen. */
export function layerCoding(
  format: WeightFormat,
  options: CodecOptions = {},
  codec = CODECS.lz4.id,
): LayerCoding {
  return { codec: codecOf(codec), format, options };
}

/** The same for all layers of these formats. */
export function layerCodings(
  formats: Readonly<Record<string, WeightFormat>>,
  options: CodecOptions = {},
): LayerCodings {
  return Object.fromEntries(
    Object.entries(formats).map(([name, format]) => [name, layerCoding(format, options)]),
  );
}

/** Symbols of so many weights, which begin and end a tile. */
export function symbolCount({ codec, format }: LayerCoding, weights: number): number {
  return codec.symbols === 'weights' ? weights : packedBytes(weights, format);
}

/** The symbols of a tile's weights. Throws Error where a code is not one of the format's. */
export function symbolsOf({ codec, format }: LayerCoding, codes: Int8Array): Uint8Array {
  return codec.symbols === 'weights'
    ? new Uint8Array(codes.buffer, codes.byteOffset, codes.length)
    : packWeights(codes, format);
}

/** Bytes of a tile of so many symbols stored as it is. */
export function plainBytes({ codec, format }: LayerCoding, symbols: number): number {
  return codec.symbols === 'weights' ? packedBytes(symbols, format) : symbols;
}

/** Bytes that a tile takes in flash. */
export function storedBytes(coding: LayerCoding, symbols: Uint8Array): number {
  const encoded = coding.codec.size(symbols, coding.options);
  return Math.min(plainBytes(coding, symbols.length), encoded);
}

/** The same for so many zeros, without encoding them. */
export function zeroTileBytes(coding: LayerCoding, symbols: number): number {
  return Math.min(plainBytes(coding, symbols), coding.codec.prices.zeros(symbols, coding.options));
}

/** A tile's weights as they will lie in flash. Throws Error where a code is not one of the format's. */
export function encodeTile(coding: LayerCoding, codes: Int8Array): StoredTile {
  const { codec, options, others = [] } = coding;
  let best: StoredTile = { codec: PLAIN.id, stored: packWeights(codes, coding.format) };
  for (const each of [codec, ...others]) {
    const symbols = symbolsOf({ ...coding, codec: each }, codes);
    // A shared table is of the layer's codec.
    const own = each === codec ? options : { ...options, table: NO_TABLE };
    const stored = each.encode(symbols, own);
    if (stored.length >= best.stored.length) continue;
    best = { codec: each.id, ...tableIn(own), stored };
  }
  return best;
}

const NO_TABLE = new Uint8Array(0);

/** A table of no bytes is none. */
function tableIn({ table }: CodecOptions): Pick<StoredTile, 'table'> {
  return table === undefined || table.length === 0 ? {} : { table };
}

/** The codes of a tile of so many weights. Throws UserError where the bytes are damaged. */
export function decodeTile(
  { codec: id, table, stored }: StoredTile,
  weights: number,
  format: WeightFormat,
  codecs: Codecs = CODECS,
): Int8Array<ArrayBuffer> {
  const codec = codecOf(id, codecs);
  const options = defined({ table });
  const coding = { codec, format, options };
  const symbols = codec.decode(stored, symbolCount(coding, weights), options);
  return codec.symbols === 'weights'
    ? Int8Array.from(symbols)
    : unpackWeights(symbols, weights, format);
}

/** Whether a codec leaves tiles as they are, so that nothing has to be decoded. */
export function isPlain({ codec }: Pick<StoredTile, 'codec'>): boolean {
  return codec === PLAIN.id;
}

/** Whether a tile's bytes, decoded where they have to be, are packed weights; else they are codes. */
export function holdsPacked({ codec }: Pick<StoredTile, 'codec'>): boolean {
  return Object.values(CODECS).some(
    ({ id, symbols }) => id === codec && symbols === 'packed bytes',
  );
}
