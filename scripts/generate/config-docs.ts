/**
 * docs/config.md, the reference of every config key, from the schema. The schema is the one source: what the editor shows
 * on hover, what the command line enforces and what the reference says.
 */
import prettier from 'prettier';
import { expectation, type SchemaNode } from '../../src/core/config/schema';
import { writtenTypes } from '../../src/core/ops/written';
import type { GeneratedFile } from './generated-file';
import { STRICT_SCHEMA } from './strict-schema';

const path = 'docs/config.md';

export const configDocs: GeneratedFile = {
  path,
  async make() {
    const options = await prettier.resolveConfig(path);
    return prettier.format(reference(), { ...options, parser: 'markdown' });
  },
};

function reference(): string {
  const sections = Object.entries(STRICT_SCHEMA.properties ?? {});
  const simple = sections.filter(([, node]) => node.properties === undefined);
  const grouped = sections.filter(([, node]) => node.properties !== undefined);
  return [
    '<!-- Written from media/east.schema.json: change that, and run "npm run generate". -->',
    '',
    '# The config',
    '',
    'A `*.east.json` file is JSON with comments and trailing commas. Paths are relative to the file and may not leave its',
    'workspace folder: the nearest folder around it with `.git`, `.vscode` or `.east` in it, otherwise its own. Sizes are',
    'bytes, or texts such as `"64KiB"` (1 KiB = 1024 bytes), `"64kB"` (1000 bytes) and `"1MiB"`.',
    '',
    '## Outermost keys',
    '',
    ...simple.flatMap(([key, node]) => keyText(key, node, false)),
    ...grouped.flatMap(([key, node]) => [
      `## ${key}`,
      '',
      node.description ?? '',
      '',
      `${STRICT_SCHEMA.required?.includes(key) ? 'Required. ' : ''}For example:`,
      '',
      ...(node.examples ?? []).flatMap((example) => [
        '```jsonc',
        `"${key}": ${JSON.stringify(example)}`,
        '```',
        '',
      ]),
      ...(key === 'model' ? layerTable() : []),
      ...keys(node, key),
    ]),
  ].join('\n');
}

function keys(node: SchemaNode, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const childPath = path === '' ? key : `${path}.${key}`;
    const required = node.required?.includes(key) ?? false;
    const inner = child.items?.properties ? keys(child.items, `${childPath}[]`) : [];
    return [...keyText(childPath, child, required), ...inner, ...keys(child, childPath)];
  });
}

function keyText(path: string, node: SchemaNode, required: boolean): string[] {
  const lines = [`### \`${path}\``, '', node.description ?? '', ''];
  const isSection = node.properties !== undefined;
  if (!isSection) lines.push(`- Value: ${expectation(node)}`);
  if (required) lines.push('- Required');
  else if (node['x-default'] !== undefined) lines.push(`- Default: ${node['x-default']}`);
  else if (node.default !== undefined && !isSection) lines.push(`- Default: ${json(node.default)}`);
  if (!isSection) {
    const examples = node.examples ?? [];
    const label = examples.length > 1 ? 'Examples' : 'Example';
    lines.push(`- ${label}: ${examples.map(json).join(', ')}`);
  }
  return [...lines, ''];
}

function layerTable(): string[] {
  const rows = writtenTypes().map(({ type, keys }) => {
    return `| \`${type}\` | ${keys.map(({ name }) => `\`${name}\``).join(', ') || 'none'} |`;
  });
  return ['| type | keys besides `type`, `name`, `inputs` |', '| --- | --- |', ...rows, ''];
}

function json(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
