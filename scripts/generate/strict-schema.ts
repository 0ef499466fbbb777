/**
 * media/east.schema.json, what the config may say. Its part on layers follows from the graph facets in core/ops: which types
 * there are and which keys each takes. All else stands in that file itself, by hand, and stays as it is.
 */
import prettier from 'prettier';
import { SCHEMA, type SchemaNode } from '../../src/core/config/schema';
import type { LayerKey } from '../../src/core/ops/layer-keys';
import { KEY_ORDER } from '../../src/core/ops/layer-keys';
import type { WrittenType } from '../../src/core/ops/written';
import { writtenTypes } from '../../src/core/ops/written';
import { defined } from '../../src/core/util/defined';
import type { GeneratedFile } from './generated-file';

const path = 'media/east.schema.json';

export const strictSchema: GeneratedFile = {
  path,
  async make() {
    const options = await prettier.resolveConfig(path);
    // Indented, since prettier leaves an object on one line if it was on one.
    const text = JSON.stringify(STRICT_SCHEMA, null, 2);
    return prettier.format(text, { ...options, filepath: path });
  },
};

/** Keys of every layer. */
const COMMON = ['type', 'name', 'inputs'];

/** The schema as the operations of today have it, for what else is made of it: the file may be older. */
export const STRICT_SCHEMA = withLayers(SCHEMA, writtenTypes());

/** `schema` with the types and keys of these layers in place of those it has. */
export function withLayers(schema: SchemaNode, types: readonly WrittenType[]): SchemaNode {
  const model = schema.properties?.['model'];
  const layers = model?.properties?.['layers'];
  const layer = layers?.items;
  if (layer === undefined) throw new Error(`${path} describes no layers.`);
  const items = layerNode(layer, types);
  return {
    ...schema,
    properties: {
      ...schema.properties,
      model: {
        ...model,
        properties: { ...model?.properties, layers: { ...layers, items } },
      },
    },
  };
}

function layerNode(node: SchemaNode, types: readonly WrittenType[]): SchemaNode {
  const { type, name, inputs } = node.properties ?? {};
  const reading = (fits: (inputs: number) => boolean): string =>
    namesOf(
      types.filter((its) => fits(its.inputs)),
      'and',
    );
  const two = reading((inputs) => inputs === 2);
  const many = reading((inputs) => inputs > 2);
  const properties = {
    type: { ...type, enum: types.map((its) => its.type) },
    ...defined({ name }),
    inputs: {
      ...inputs,
      'x-expected':
        `a list of one layer name, or of two for ${two}` +
        (many === '' ? '' : `, or of several for ${many}`),
    },
    ...Object.fromEntries(keysOf(types).map((key) => [key.name, keyNode(key, types)])),
  };
  const allOf = types.map(({ type: its, keys, optional, inputs: count }) => {
    const needed = [
      ...(count > 1 ? ['inputs'] : []),
      ...keys
        .filter((key) => key.default === undefined && !optional.includes(key))
        .map((key) => key.name),
    ];
    return {
      if: { type: 'object', properties: { type: { const: its } }, required: ['type'] },
      then: {
        ...(needed.length === 0 ? {} : { required: needed }),
        propertyNames: { enum: [...COMMON, ...keys.map((key) => key.name)] },
      },
    };
  });
  return { ...node, properties, allOf };
}

/** All keys that these layers take, each once, in the reference's order. */
function keysOf(types: readonly WrittenType[]): LayerKey[] {
  const keys = [...new Set(types.flatMap((its) => its.keys))];
  const twice = keys.find((key, i) => keys.findIndex(({ name }) => name === key.name) !== i);
  if (twice || keys.some(({ name }) => COMMON.includes(name))) {
    throw new Error(`Two keys of layers are called ${twice?.name ?? COMMON.join(', ')}.`);
  }
  const place = (key: LayerKey): number => {
    const known = KEY_ORDER.findIndex(({ name }) => name === key.name);
    return known < 0 ? KEY_ORDER.length : known;
  };
  return keys.toSorted((a, b) => place(a) - place(b));
}

function keyNode(key: LayerKey, types: readonly WrittenType[]): SchemaNode {
  const having = types.filter(
    ({ keys, optional }) => keys.includes(key) && !optional.includes(key),
  );
  const value = key.default && 'value' in key.default ? key.default.value : undefined;
  const need = having.length === 1 ? 'needs' : 'need';
  const words =
    key.default === undefined
      ? `none; ${namesOf(having, 'and')} ${need} it`
      : 'words' in key.default
        ? key.default.words
        : undefined;
  return {
    ...key.schema,
    ...defined({ default: value }),
    description: key.description.replace('{types}', namesOf(having, 'or')),
    ...defined({ 'x-default': words }),
    examples: key.examples,
  };
}

/** `conv2d, dense or add` */
function namesOf(types: readonly WrittenType[], word: 'and' | 'or'): string {
  const names = types.map(({ type }) => type);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} ${word} ${last}`;
}
