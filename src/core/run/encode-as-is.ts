/** The network of an int8 file as bytes for flash: its own codes, each layer's stored by whichever allowed codec takes the least. */
import type { EastConfig } from '../config/config';
import { codecsSet, codingsOf } from '../codecs/choice';
import { encodeModel } from '../firmware/encode-model';
import type { EncodedModel } from '../firmware/encoded-model';
import type { MemoryPlan } from '../firmware/memory-plan';
import { weightedLayers } from '../graph/graph';
import type { LoadedModel } from '../models/model';
import type { QuantizedModel } from '../quant/model';

/** What the chip computes for such a file. Throws Error for a network that has no codes: it is asked for those that have. */
export function asIsModel({ graph, quantization }: LoadedModel): QuantizedModel {
  if (quantization === undefined) throw new Error('The network of the file has no int8 codes.');
  return { graph, ...quantization };
}

export function encodeAsIs(
  loaded: LoadedModel,
  plan: MemoryPlan,
  east: Pick<EastConfig, 'codec' | 'encoder'>,
): EncodedModel {
  const model = asIsModel(loaded);
  const allowed = codecsSet(east.codec);
  const names = weightedLayers(model.graph).map(({ name }) => name);
  const all = <T>(value: T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, value]));
  const encoded = allowed.map((codec) =>
    encodeModel(model, plan, codingsOf(all('int8' as const), all(codec), east, allowed)),
  );
  return encoded.reduce((a, b) => (b.blob.length < a.blob.length ? b : a));
}
