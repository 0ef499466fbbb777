/**
 * Writes docs/config.md, the reference of every config key, from the schema; `--check` only compares. The schema is the
 * one source: what the editor shows on hover, what the command line enforces and what the reference says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { tsImport } from 'tsx/esm/api';

const { SCHEMA, expectation, layerKeys } = await tsImport(
  '../src/core/config/schema.ts',
  import.meta.url,
);
const target = fileURLToPath(new URL('../docs/config.md', import.meta.url));

const json = (value) => `\`${JSON.stringify(value)}\``;

function keyText(path, node, required) {
  const lines = [`### \`${path}\``, '', node.description, ''];
  const isSection = node.properties !== undefined;
  if (!isSection) lines.push(`- Value: ${expectation(node)}`);
  if (required) lines.push('- Required');
  else if (node['x-default'] !== undefined) lines.push(`- Default: ${node['x-default']}`);
  else if (node.default !== undefined && !isSection) lines.push(`- Default: ${json(node.default)}`);
  if (!isSection) {
    const label = node.examples.length > 1 ? 'Examples' : 'Example';
    lines.push(`- ${label}: ${node.examples.map(json).join(', ')}`);
  }
  return [...lines, ''];
}

function keys(node, path) {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const childPath = path === '' ? key : `${path}.${key}`;
    const required = node.required?.includes(key) ?? false;
    const inner = child.items?.properties ? keys(child.items, `${childPath}[]`) : [];
    return [...keyText(childPath, child, required), ...inner, ...keys(child, childPath)];
  });
}

function layerTable() {
  const rows = SCHEMA.properties.model.properties.layers.items.properties.type.enum.map((type) => {
    const own = layerKeys(type).filter((key) => !['type', 'name', 'inputs'].includes(key));
    return `| \`${type}\` | ${own.map((key) => `\`${key}\``).join(', ') || 'none'} |`;
  });
  return ['| type | keys besides `type`, `name`, `inputs` |', '| --- | --- |', ...rows, ''];
}

function reference() {
  const sections = Object.entries(SCHEMA.properties);
  const simple = sections.filter(([, node]) => node.properties === undefined);
  const grouped = sections.filter(([, node]) => node.properties !== undefined);
  return [
    '<!-- Written by scripts/config-docs.mjs from media/east.schema.json: change that, and run it. -->',
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
      node.description,
      '',
      `${SCHEMA.required.includes(key) ? 'Required. ' : ''}For example:`,
      '',
      ...node.examples.flatMap((example) => [
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

const options = await prettier.resolveConfig(target);
const text = await prettier.format(reference(), { ...options, parser: 'markdown' });
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('docs/config.md is not what the schema says: run node scripts/config-docs.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
