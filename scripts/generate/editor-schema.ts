/**
 * media/east.editor.schema.json from media/east.schema.json. VS Code's JSON support completes and explains keys with it,
 * but finds nothing wrong by it: that is for our own diagnostics, whose words are better and which would otherwise stand
 * beside a second underline for the same mistake. A leaf of the schema becomes "what it should be, or anything".
 */
import prettier from 'prettier';
import { expectation, SCHEMA_JSON, type SchemaNode } from '../../src/core/config/schema';
import type { WrittenType } from '../../src/core/ops/written';
import { writtenTypes } from '../../src/core/ops/written';
import { defined } from '../../src/core/util/defined';
import type { GeneratedFile } from './generated-file';
import { STRICT_SCHEMA } from './strict-schema';

const path = 'media/east.editor.schema.json';

export const editorSchema: GeneratedFile = {
  path,
  async make() {
    const { $schema, title } = Object.fromEntries(Object.entries(SCHEMA_JSON));
    const schema = {
      $schema,
      title,
      $comment: 'Written from east.schema.json: change that, and run "npm run generate".',
      allowTrailingCommas: true,
      ...relaxed(STRICT_SCHEMA),
    };
    const options = await prettier.resolveConfig(path);
    return prettier.format(JSON.stringify(schema), { ...options, filepath: path });
  },
};

function relaxed(node: SchemaNode): object {
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
      items: { ...relaxed(node.items), defaultSnippets: writtenTypes().map(layerSnippet) },
    };
  }
  return { ...words, ...proposals(node), anyOf: [strict(node), {}] };
}

function strict(node: SchemaNode): object {
  const { type, enum: allowed, items } = node;
  const pattern = 'pattern' in node ? node.pattern : undefined;
  return Object.fromEntries(
    Object.entries({ type, enum: allowed, items, pattern }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function explained(node: SchemaNode): string {
  const lines = [node.description];
  if (node.properties === undefined) lines.push(`Value: ${expectation(node)}.`);
  const byRule = node['x-default'];
  if (byRule !== undefined) lines.push(`Default: ${byRule}.`);
  else if (node.default !== undefined && node.properties === undefined) {
    lines.push(`Default: \`${JSON.stringify(node.default)}\`.`);
  }
  return lines.join('\n\n');
}

/** Values worth proposing, each as JSON service inserts it. */
function proposals({ default: byDefault, examples = [], enum: allowed, properties }: SchemaNode): {
  default?: unknown;
  examples?: readonly unknown[];
} {
  if (properties !== undefined || allowed !== undefined) return {};
  return {
    ...defined({ default: byDefault }),
    ...(examples.length === 0 ? {} : { examples }),
  };
}

function layerSnippet({ type, example }: WrittenType): object {
  return { label: type, description: 'Layer', body: example };
}
