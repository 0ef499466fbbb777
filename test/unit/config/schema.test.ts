import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { layerTypes } from '../../../src/core/ops/graph-ops';
import { writtenTypes } from '../../../src/core/ops/written';
import type { Conv2DConfig } from '../../../src/core/ops/conv2d/graph';
import { parseConfig } from '../../../src/core/config/parse-config';
import {
  SCHEMA,
  SCHEMA_JSON,
  expectation,
  layerKeys,
  schemaAt,
} from '../../../src/core/config/schema';
import type { SchemaNode } from '../../../src/core/config/schema';
import { DEFAULT_WIDTH } from '../../../src/core/models/architectures';

/** Every key with its node; layers' keys as model.layers[]. */
function allKeys(
  node: SchemaNode = SCHEMA,
  path: (string | number)[] = [],
): { path: (string | number)[]; node: SchemaNode; required: boolean }[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    { path: [...path, key], node: child, required: node.required?.includes(key) ?? false },
    ...allKeys(child, [...path, key]),
    ...(child.items?.properties ? allKeys(child.items, [...path, key, 0]) : []),
  ]);
}

const ajv = new Ajv({ allowUnionTypes: true });
ajv.addVocabulary(['x-default', 'x-expected', 'x-words', 'allowTrailingCommas']);
ajv.addSchema(SCHEMA_JSON, 'east');

const keys = allKeys();
const named = keys.map((key) => ({ ...key, title: key.path.join('.') }));

describe('media/east.schema.json', () => {
  it('is draft 07', () => {
    expect(SCHEMA_JSON).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
    expect(ajv.validateSchema(SCHEMA_JSON)).toBe(true);
    expect(keys.length).toBeGreaterThan(50);
  });

  it.each(named)('explains $title', ({ node, required, path }) => {
    expect(node.description ?? '').toMatch(/^.{10,}\.$/s);
    expect(expectation(node)).not.toBe('');
    const hasDefault = node.default !== undefined || node['x-default'] !== undefined;
    expect(hasDefault).toBe(!required);
    const pointer = path.map((part) => (part === 0 ? 'items' : `properties/${part}`)).join('/');
    const validate = ajv.compile({ $ref: `east#/${pointer}` });
    expect(node.examples?.length ?? 0).toBeGreaterThan(0);
    for (const example of [...(node.examples ?? []), node.default]) {
      if (example === undefined) continue;
      expect([example, validate(example)]).toEqual([example, true]);
    }
  });

  it('forbids unknown keys in every object', () => {
    const open: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node && !/\/if(\/|$)/.test(path)) {
        if (!('additionalProperties' in node) || node.additionalProperties !== false)
          open.push(path);
      }
      for (const [key, child] of Object.entries(node)) {
        if (key !== 'examples' && key !== 'default') visit(child, `${path}/${key}`);
      }
    };
    visit(SCHEMA_JSON, '');
    expect(open).toEqual([]);
  });

  it('states the defaults that the code computes', () => {
    const text = `{ "model": { "architecture": "mlp", "input": [1, 1, 4], "classes": 3 },
      "dataset": { "format": "numpy", "train": "a.npz", "test": "b.npz" }, "budget": { "weights": 9 } }`;
    const config: object = parseConfig(text, '/ws/a.east.json', '/ws').config ?? {};
    for (const { path, node } of keys) {
      if (node['x-default'] === undefined || node.default === undefined) continue;
      let value: unknown = config;
      for (const part of path) {
        value = new Map<string | number, unknown>(Object.entries(value ?? {})).get(part);
      }
      expect([path, value]).toEqual([path, node.default]);
    }
  });

  it('states the widths of the architectures', () => {
    const text = schemaAt(['model', 'width'])?.['x-default'] ?? '';
    expect(schemaAt(['model', 'architecture'])?.enum).toEqual(Object.keys(DEFAULT_WIDTH));
    for (const [name, width] of Object.entries(DEFAULT_WIDTH)) {
      expect(text).toMatch(new RegExp(`${name}[^,]* ${width}\\b`));
    }
  });

  it('knows what each type of layer takes', () => {
    const types = schemaAt(['model', 'layers', 0, 'type'])?.enum ?? [];
    expect(types).toEqual(writtenTypes().map(({ type }) => type));
    // Types that need a file's constants cannot be written in a list.
    for (const { type, fromFile } of layerTypes()) {
      expect([type, types.includes(type)]).toEqual([type, fromFile !== true]);
    }
    for (const type of types) {
      expect(layerKeys(String(type)).slice(0, 3)).toEqual(['type', 'name', 'inputs']);
      for (const key of layerKeys(String(type))) {
        expect(schemaAt(['model', 'layers', 0, key])).toBeDefined();
      }
    }
    const conv: (keyof Conv2DConfig | 'slope')[] = [
      'type',
      'name',
      'inputs',
      'filters',
      'kernel',
      'stride',
      'padding',
      'dilation',
      'groups',
      'batchNorm',
      'activation',
      'slope',
    ];
    expect(layerKeys('conv2d')).toEqual(conv);
  });
});
