/** Whether values are what the keys of a layer allow, where no validator of the config has looked: of files of models. */
import type { KeySchema, LayerKey } from './layer-keys';

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
  if (typeof value === 'boolean') return types.includes('boolean');
  if (typeof value !== 'number') return false;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const kind = Number.isInteger(value) ? types.includes('integer') : false;
  return (kind || types.includes('number')) && value >= minimum && value <= maximum;
}
