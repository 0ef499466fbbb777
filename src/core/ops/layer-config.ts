/**
 * What a config says of a layer, where no validator of the config has looked: layers read from files, and those of a graph
 * turned back into words.
 */
import { graphOp, type Kind, type LayerConfig } from './graph-ops';
import type { KeySchema, LayerKey } from './layer-keys';

/** What a config could say, by each type of the kind, to mean a layer with these keys; none where one cannot be meant. */
export function configsOf(layer: { readonly kind: Kind }): LayerConfig[] {
  const { keys, types } = graphOp(layer.kind);
  const has = new Map<string, unknown>(Object.entries(layer));
  const said = keys.flatMap(({ name }) => (has.has(name) ? [[name, has.get(name)] as const] : []));
  return Object.keys(types)
    .map((type) => ({ ...Object.fromEntries(said), type }))
    .filter((config) => isConfig(config, keys));
}

/** Whether these keys allow what `config` says, whose type is the one that has them. */
export function isConfig(
  config: { readonly type: string },
  keys: readonly LayerKey[],
): config is LayerConfig {
  return wrongKey(keys, config) === undefined;
}

/** The first of these keys that `values` has with a value that its schema refuses. */
export function wrongKey(keys: readonly LayerKey[], values: object): LayerKey | undefined {
  const has = new Map<string, unknown>(Object.entries(values));
  return keys.find(({ name, schema }) => has.has(name) && !fits(has.get(name), schema));
}

/** The part of JSON schema that the keys of layers use. */
function fits(value: unknown, schema: KeySchema): boolean {
  if (schema.enum !== undefined) return schema.enum.includes(value);
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (Array.isArray(value)) {
    const { minItems = 0, maxItems = 0, items } = schema;
    const count = value.length >= minItems && value.length <= maxItems;
    return types.includes('array') && count && value.every((item) => items && fits(item, items));
  }
  if (typeof value === 'string') return schema['x-words']?.includes(value) === true;
  if (typeof value === 'boolean') return types.includes('boolean');
  if (typeof value !== 'number') return false;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const kind = Number.isInteger(value) ? types.includes('integer') : false;
  return (kind || types.includes('number')) && value >= minimum && value <= maximum;
}
