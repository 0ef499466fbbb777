/** From the layers that a list names to those that a graph can have: what people write in other words is put into these. */
import type { Dropout } from './graph';
import { NORM_ALONE } from '../ops/depthwiseConv2d/graph';
import type { LayerConfig } from '../ops/graph-ops';
import { layerType } from '../ops/graph-ops';
import { isConfig } from '../ops/layer-config';
import type { Fail } from '../ops/layer-keys';
import { BATCH_NORM } from '../ops/layer-keys';
import { SLOPE } from '../ops/leakyRelu/graph';
import type { SpelledActivation, WrittenLayer } from '../ops/written';
import { asLayer, SPELLED_ACTIVATIONS } from '../ops/written';
import { defined } from '../util/defined';

/** A layer of the list, with its name and links settled. */
export interface Named<C = LayerConfig> {
  readonly config: C;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly fail: Fail;
}

export interface SpelledOut {
  readonly layers: readonly Named[];
  readonly dropout: readonly Dropout[];
  /** Name of a layer of the list → name of the layer that computes it, where it is another. */
  readonly computedBy: ReadonlyMap<string, string>;
}

/** @param written in the order in which they are computed */
export function spellOut(written: readonly Named<WrittenLayer>[]): SpelledOut {
  const readers = new Map<string, number>();
  for (const input of written.flatMap(({ inputs }) => inputs)) {
    readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  const result: Named[] = [];
  /** Place in `result` of each layer that is in it. */
  const placed = new Map<string, number>();
  const taken = new Set(written.map(({ name }) => name));
  /** Name of a layer of the list → whose output those read who name it. */
  const puts = new Map<string, string>();
  const computedBy = new Map<string, string>();
  /** Name of a layer of the list that is a dropout, or a clamp behind one, which may as well stand before it. */
  const dropped = new Map<string, Pick<Dropout, 'name' | 'rate'>>();
  const dropout: Dropout[] = [];
  const put = (layer: Named): void => {
    placed.set(layer.name, result.length);
    taken.add(layer.name);
    result.push(layer);
  };
  for (const layer of written) {
    const { config, name, fail } = layer;
    const inputs = layer.inputs.map((input) => puts.get(input) ?? input);
    const [read = ''] = layer.inputs;
    if (config.type === 'dropout') {
      const tensor = inputs[0]!;
      const { rate = fail('"dropout" needs "rate"') } = config;
      // Of what one has left another leaves its share.
      const kept = (1 - rate) * (1 - (dropped.get(read)?.rate ?? 0));
      if (kept < 1) dropped.set(name, { name, rate: 1 - kept });
      puts.set(name, tensor);
      computedBy.set(name, tensor);
      if (!readers.has(name)) fail('no later layer reads it, so it has no effect; remove it');
      continue;
    }
    const its = dropped.get(read);
    if (its !== undefined && isClamp(config)) dropped.set(name, its);
    else {
      layer.inputs.forEach((input, i) => {
        const by = dropped.get(input);
        if (by) dropout.push({ ...by, reader: name, input: i });
      });
    }
    if (config.type === 'batchNorm') {
      const at = placed.get(inputs[0] ?? '') ?? -1;
      const before = result[at];
      const normed = before && !its && readers.get(read) === 1 && withBatchNorm(before);
      if (normed) {
        result[at] = normed;
        puts.set(name, normed.name);
        computedBy.set(name, normed.name);
      } else {
        put({ name, inputs, fail, config: NORM_ALONE });
      }
      continue;
    }
    const { activation, slope } = activationOf(config, fail);
    put({ name, inputs, fail, config: asLayer(config) });
    if (activation === undefined) continue;
    const behind = freeName(`${name}_${activation.toLowerCase()}`, taken);
    put({
      name: behind,
      inputs: [name],
      // In the list it has no place but that of the layer that it follows.
      fail: (message, ...key) => fail(message, ...(key[0] === 'type' ? ['activation'] : key)),
      config: asLayer({ type: activation, ...defined({ slope }) }),
    });
    puts.set(name, behind);
  }
  return { layers: result, computedBy, dropout };
}

function isClamp(config: WrittenLayer): boolean {
  return (
    config.type !== 'batchNorm' &&
    config.type !== 'dropout' &&
    layerType(config).clamp !== undefined
  );
}

/** The layer with the batch norm that stands behind it; undefined where it has no sums that end in one. */
function withBatchNorm({ config, ...layer }: Named): Named | undefined {
  const { keys } = layerType(config).op;
  if (!keys.includes(BATCH_NORM)) return undefined;
  if ('activation' in config && config.activation !== 'none') return undefined;
  const normed = { ...config, batchNorm: true };
  return isConfig(normed, keys) ? { ...layer, config: normed } : undefined;
}

interface Activating {
  readonly activation?: SpelledActivation;
  readonly slope?: number;
}

/** The activation that has to become a layer. */
function activationOf(config: WrittenLayer, fail: Fail): Activating {
  if (!('activation' in config)) return {};
  const { activation, slope } = config;
  const spelled = SPELLED_ACTIVATIONS.find((one) => one === activation);
  if (slope !== undefined && (spelled === undefined || !hasSlope(spelled))) {
    const having = SPELLED_ACTIVATIONS.filter(hasSlope).join('" or "');
    fail(`"slope" is that of the activation "${having}"`, 'slope');
  }
  return defined({ activation: spelled, slope });
}

function hasSlope(activation: SpelledActivation): boolean {
  return layerType({ type: activation }).op.keys.includes(SLOPE);
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}_${n}`;
    if (!taken.has(name)) return name;
  }
}
