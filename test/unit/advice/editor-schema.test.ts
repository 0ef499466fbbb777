import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { SCHEMA } from '../../../src/core/config/schema';

it("finds nothing wrong, so that a mistake is underlined once, by the extension's own check", () => {
  const schema: unknown = JSON.parse(readFileSync('media/east.editor.schema.json', 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error('no schema');
  const validate = new Ajv({ strict: false }).compile(schema);
  const wrong = {
    name: 7,
    nme: 1,
    model: { layers: [{ kernel: 'x' }, 3] },
    budget: { flash: '1K' },
  };
  for (const value of [wrong, 1, [], null, {}]) expect(validate(value)).toBe(true);
  expect(schema).toHaveProperty('properties.model.properties.architecture.anyOf.0.enum');
  expect(Object.keys(SCHEMA.properties ?? {})).toEqual(
    Object.keys('properties' in schema ? (schema.properties ?? {}) : {}),
  );
});
