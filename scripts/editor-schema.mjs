/**
 * Writes media/east.editor.schema.json from media/east.schema.json; `--check` only compares. VS Code's JSON support
 * completes and explains keys with it, but finds nothing wrong by it: that is for our own diagnostics, whose words are
 * better and which would otherwise stand beside a second underline for the same mistake. A leaf of the schema becomes
 * "what it should be, or anything".
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { tsImport } from 'tsx/esm/api';

const { SCHEMA, expectation, layerKeys } = await tsImport(
  '../src/core/config/schema.ts',
  import.meta.url,
);
const target = fileURLToPath(new URL('../media/east.editor.schema.json', import.meta.url));

const json = (value) => `\`${JSON.stringify(value)}\``;

function explained(node) {
  const lines = [node.description];
  if (node.properties === undefined) lines.push(`Value: ${expectation(node)}.`);
  const byRule = node['x-default'];
  if (byRule !== undefined) lines.push(`Default: ${byRule}.`);
  else if (node.default !== undefined && node.properties === undefined) {
    lines.push(`Default: ${json(node.default)}.`);
  }
  return lines.join('\n\n');
}

/** Values worth proposing, each as JSON service inserts it. */
function proposals({ default: byDefault, examples = [], enum: allowed, properties }) {
  if (properties !== undefined || allowed !== undefined) return {};
  return {
    ...(byDefault === undefined ? {} : { default: byDefault }),
    ...(examples.length === 0 ? {} : { examples }),
  };
}

const LAYER_VALUES = {
  filters: 16,
  units: 10,
  kernel: 3,
  pool: 2,
  inputs: ['conv1', 'conv2'],
  activation: 'relu',
};
const LAYER_SNIPPETS = SCHEMA.properties.model.properties.layers.items.properties.type.enum.map(
  (type) => {
    const keys = layerKeys(type);
    const body = { type };
    if (type === 'add') body.inputs = LAYER_VALUES.inputs;
    for (const key of ['filters', 'units', 'kernel', 'pool']) {
      if (keys.includes(key)) body[key] = LAYER_VALUES[key];
    }
    if (keys.includes('filters') || type === 'depthwiseConv2d') body.activation = 'relu';
    return { label: type, description: 'Layer', body };
  },
);

function relaxed(node) {
  const { description } = node;
  const words = { description, markdownDescription: explained(node) };
  if (node.properties !== undefined) {
    const properties = Object.entries(node.properties).map(([key, child]) => [key, relaxed(child)]);
    return { ...words, properties: Object.fromEntries(properties) };
  }
  if (node.items?.properties !== undefined) {
    return {
      ...words,
      defaultSnippets: [{ label: '[…]', description: 'Layers', body: [{ type: '$1' }] }],
      items: { ...relaxed(node.items), defaultSnippets: LAYER_SNIPPETS },
    };
  }
  const { type, enum: allowed, items, pattern } = node;
  const strict = Object.fromEntries(
    Object.entries({ type, enum: allowed, items, pattern }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return { ...words, ...proposals(node), anyOf: [strict, {}] };
}

const text = await prettier.format(
  JSON.stringify({
    $schema: SCHEMA.$schema,
    title: SCHEMA.title,
    $comment:
      'Written by scripts/editor-schema.mjs from east.schema.json: change that, and run it.',
    allowTrailingCommas: true,
    ...relaxed(SCHEMA),
  }),
  { ...(await prettier.resolveConfig(target)), filepath: target },
);
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8').replaceAll('\r\n', '\n') !== text) {
  console.error('media/east.editor.schema.json is out of date: node scripts/editor-schema.mjs');
  process.exit(1);
}
