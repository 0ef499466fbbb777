/** An int8 network that is not trained as bytes for flash: its own codes, so that only what stores them is open. */
import { codecsSet, codingsOf, type LayerCodec } from '../codecs/choice';
import type { ResolvedConfig } from '../config/config';
import type { EncodedModel } from '../firmware/encoded-model';
import type { MeasuredCode } from '../firmware/fixed-flash';
import type { MemoryPlan } from '../firmware/memory-plan';
import { firmwareTarget } from '../firmware/targets/targets';
import { weightedLayers } from '../graph/graph';
import type { LoadedModel } from '../models/model';
import type { FlashForecast } from '../plan/flash';
import { forecast } from '../plan/forecast';
import { storeModel } from '../plan/store-model';
import type { QuantizedModel } from '../quant/model';

/** What the chip computes for such a file. Throws Error for a network that has no codes: it is asked for those that have. */
export function asIsModel({ graph, quantization }: LoadedModel): QuantizedModel {
  if (quantization === undefined) throw new Error('The network of the file has no int8 codes.');
  return { graph, ...quantization };
}

/** What of a job's plan weights are stored by. */
export interface StoragePlan {
  readonly memory: MemoryPlan;
  readonly model: LoadedModel;
  /** Of the network without its blob's reader, which follows from the codec. */
  readonly code: MeasuredCode;
}

/** What weights become, and what of the flash is left for them with the code that decodes it. */
export interface Encoded {
  readonly encoded: EncodedModel;
  readonly flash: FlashForecast;
}

/**
 * By the codec of the config. With `auto` that is LZ4 where the budget has room for it: weights that were not trained for the
 * entropy coder shrink by a few per cent, and decoding each of them takes more than multiplying with it does in a dense
 * layer. Where it has not, it is whatever fits, or goes beyond the budget by the fewest bytes.
 */
export function encodeUntrained(
  config: ResolvedConfig,
  plan: StoragePlan,
  model: QuantizedModel,
): Encoded {
  let best: Encoded | undefined;
  for (const codec of codecsSet(config.east.codec)) {
    const next = encodeBy(codec, config, plan, model);
    if (best === undefined || beyond(next) < beyond(best)) best = next;
    if (beyond(best) <= 0) break;
  }
  if (best === undefined) throw new Error('no codec may store the weights');
  return best;
}

function encodeBy(
  codec: LayerCodec,
  config: ResolvedConfig,
  { memory, model: loaded, code }: StoragePlan,
  model: QuantizedModel,
): Encoded {
  const { budget, east, firmware } = config;
  const { flash, graph } = forecast({ ...config, east: { ...east, codec } }, loaded, code);
  const names = weightedLayers(model.graph).map(({ name }) => name);
  const all = <T>(value: T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, value]));
  const codings = codingsOf(all('int8' as const), all(codec), east, [codec]);
  const target = firmwareTarget(firmware.target);
  const { blobBudget } = flash;
  const limits = { target, graph, decode: budget.decode, blobBudget };
  return { encoded: storeModel(model, codings, memory, limits), flash };
}

/** Bytes above the budget; below zero what is left of it. */
function beyond({ encoded, flash }: Encoded): number {
  return flash.blobBudget === undefined ? -Infinity : encoded.blob.length - flash.blobBudget;
}
