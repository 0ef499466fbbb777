/** What `east.codec` of a config means: which codecs a layer's weights may be stored by, together with their format. */
import { trainedFormat, type TrainedFormat, type TrainedFormats } from '../formats/fits';
import { FINE_STEPS, STEPS } from '../formats/step-fit';
import type { WeightFormat } from '../formats/formats';
import { hasZero } from '../formats/packing';
import { CODECS, codecOf, type CodecId } from './codecs';
import { layerCoding, type LayerCodings } from './coding';
import type { CodecOptions } from './options';

/** What layers may be stored by; each is a setting of its own, too. */
const LAYER_CODECS = ['lz4', 'entropy'] as const satisfies readonly CodecId[];
export type LayerCodec = (typeof LAYER_CODECS)[number];

export type CodecSetting = LayerCodec | 'auto';

/** What a config has that does not say: levels, zeros and codec of each layer are chosen together. */
export const DEFAULT_SETTING: CodecSetting = 'auto';

/** What a layer has where a checkpoint, model or report names no codec, and all layers had before there was a choice. */
export const USUAL_CODEC = 'lz4' satisfies CodecId;

export function codecsSet(setting: CodecSetting = DEFAULT_SETTING): readonly LayerCodec[] {
  return setting === 'auto' ? LAYER_CODECS : [setting];
}

/**
 * Whether a codec can store weights of a format. One that stores single weights is asked for zeros of single weights, which
 * formats of two and four levels do not have.
 */
export function suits(codec: CodecId, format: WeightFormat): boolean {
  return CODECS[codec].symbols === 'packed bytes' || hasZero(format);
}

/**
 * Each of the formats by each codec that suits it; as they are where none does. `open`: a layer may have whatever loses the
 * least, so with a codec of single weights also any number of levels. Layers of one format are those that lose much by few.
 */
export function withCodecs(
  formats: TrainedFormats,
  codecs: readonly CodecId[],
  open = false,
): TrainedFormats {
  return Object.fromEntries(
    Object.entries(formats).map(([layer, some]) => {
      const each = some.flatMap((format) =>
        codecs.filter((codec) => suits(codec, format.id)).map((codec) => ({ ...format, codec })),
      );
      const steps = open ? inSteps(codecs, some.length > 1 ? STEPS : FINE_STEPS) : [];
      return [layer, each.length > 0 ? [...each, ...steps] : some];
    }),
  );
}

/** And each format once more, stored as it is: behind the others, so that a format's place is what it was. */
export function withPlain(formats: TrainedFormats): TrainedFormats {
  return Object.fromEntries(
    Object.entries(formats).map(([layer, some]) => {
      const packed = some.filter(
        ({ id, step }, i) => step === undefined && some.findIndex((f) => f.id === id) === i,
      );
      return [layer, [...some, ...packed.map((format) => ({ ...format, codec: CODECS.raw.id }))]];
    }),
  );
}

function inSteps(codecs: readonly CodecId[], steps: readonly number[]): TrainedFormat[] {
  return codecs
    .filter((codec) => CODECS[codec].symbols === 'weights')
    .flatMap((codec) => steps.map((step) => ({ ...trainedFormat('int8', step), codec })));
}

/**
 * The codings to store a trained network in, by layer. Where several codecs are allowed and the blob names them anyway, each
 * tile may take another one than its layer's, but where that is to be stored as it is.
 */
export function codingsOf(
  formats: Readonly<Record<string, WeightFormat>>,
  codecs: Readonly<Record<string, string>>,
  options: CodecOptions,
  allowed: readonly CodecId[],
): LayerCodings {
  const named = Object.values(codecs).some(
    (codec) => codec !== USUAL_CODEC && codec !== CODECS.raw.id,
  );
  return Object.fromEntries(
    Object.entries(formats).map(([name, format]) => {
      const coding = layerCoding(format, options, codecs[name]);
      const others =
        named && coding.codec !== CODECS.raw
          ? allowed.filter((id) => id !== coding.codec.id && suits(id, format))
          : [];
      return [name, { ...coding, others: others.map((id) => codecOf(id)) }];
    }),
  );
}
