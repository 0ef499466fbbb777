import { schemaAt } from '../../src/core/config/schema';

/** The types of layer that the schema knows, in its order. */
export function layerTypes(): readonly string[] {
  const types = schemaAt(['model', 'layers', 0, 'type'])?.enum ?? [];
  return types.filter((type) => typeof type === 'string');
}
