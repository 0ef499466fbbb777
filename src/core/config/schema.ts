/**
 * The config's one schema, which editor and command line share: what its nodes hold, the defaults it states, and how
 * an expectation reads in an error or in the reference.
 */
import east from '../../../media/east.schema.json';
import type { KeyPath } from './problem';

/** The part of draft 07 that media/east.schema.json uses. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  /** Only on layers: what each type of layer takes. */
  readonly allOf?: readonly {
    readonly if: { readonly properties: { readonly type: { readonly const: string } } };
    readonly then: { readonly propertyNames: { readonly enum: readonly string[] } };
  }[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  /** In words, where the default follows from other keys. Such a default is computed in resolve.ts. */
  readonly 'x-default'?: string;
  /** In words, where type, range and enum do not say it. */
  readonly 'x-expected'?: string;
  /** Texts that are allowed beside values of other types. */
  readonly 'x-words'?: readonly string[];
}

export const SCHEMA: SchemaNode = east;
/** As `SCHEMA`, for the validator. */
export const SCHEMA_JSON: object = east;

/** The node that describes the key at `path`, if the schema knows that key. */
export function schemaAt(path: KeyPath): SchemaNode | undefined {
  let node: SchemaNode | undefined = SCHEMA;
  for (const part of path) {
    node = typeof part === 'number' ? node?.items : own(node?.properties, part);
  }
  return node;
}

/** Keys that a layer of this type takes; none for an unknown type. */
export function layerKeys(type: string): readonly string[] {
  const rules = schemaAt(['model', 'layers', 0])?.allOf ?? [];
  const rule = rules.find((candidate) => candidate.if.properties.type.const === type);
  return rule?.then.propertyNames.enum ?? [];
}

/** Paths of all the keys called `name`, those of layers aside. */
export function findKey(name: string): KeyPath[] {
  const found: KeyPath[] = [];
  const visit = (node: SchemaNode, path: KeyPath): void => {
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      if (key === name) found.push([...path, key]);
      visit(child, [...path, key]);
    }
  };
  visit(SCHEMA, []);
  return found;
}

/**
 * A copy of `value` with the schema's constant defaults where keys are missing. Entries of lists stay as they are:
 * a layer's defaults depend on its type and belong to the graph builder.
 */
export function withDefaults(value: unknown, node: SchemaNode): unknown {
  if (node.properties === undefined || typeof value !== 'object' || value === null) return value;
  const filled = new Map<string, unknown>(Object.entries(value));
  for (const [key, child] of Object.entries(node.properties)) {
    if (!filled.has(key) && child.default !== undefined && child['x-default'] === undefined) {
      filled.set(key, child.default);
    }
    if (filled.has(key)) filled.set(key, withDefaults(filled.get(key), child));
  }
  return Object.fromEntries(filled);
}

/** `a whole number from 1 to 1024`, `one of "sgd", "adam"`. */
export function expectation(node: SchemaNode): string {
  if (node['x-expected'] !== undefined) return node['x-expected'];
  if (node.enum) {
    const values = node.enum.map((value) => JSON.stringify(value));
    return values.length === 1 ? values[0]! : `one of ${values.join(', ')}`;
  }
  switch (node.type) {
    case 'integer':
      return `a whole number${range(node)}`;
    case 'number':
      return `a number${range(node)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'a text in double quotes';
    case 'array':
      return 'a list in brackets';
    default:
      return 'an object in braces';
  }
}

function range(node: SchemaNode): string {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = node;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const low =
    minimum !== undefined
      ? ` of at least ${minimum}`
      : exclusiveMinimum !== undefined
        ? ` above ${exclusiveMinimum}`
        : '';
  const high =
    maximum !== undefined
      ? ` at most ${maximum}`
      : exclusiveMaximum !== undefined
        ? ` below ${exclusiveMaximum}`
        : '';
  return low !== '' && high !== '' ? `${low} and${high}` : `${low}${high}`;
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
