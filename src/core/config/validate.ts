/** Checks a config against the schema and says what is wrong in words about keys, not about schemas. */
import { Ajv } from 'ajv';
import type { DefinedError, ErrorObject, Options, ValidateFunction } from 'ajv';
import type { ConfigFile } from './config-file';
import type { Alias } from '../ops/aliases';
import { activationAlias, keyAlias, sameLetters, typeAlias } from '../ops/aliases';
import { defined } from '../util/defined';
import { isRecord } from '../util/is-record';
import { mostAlike, nearest } from './nearest';
import { formatKey } from './problem';
import type { KeyPath } from './problem';
import {
  SCHEMA,
  SCHEMA_JSON,
  expectation,
  findKey,
  layerKeys,
  schemaAt,
  type SchemaNode,
} from './schema';

export interface SchemaProblem {
  readonly message: string;
  readonly path: KeyPath;
  /** Whether to underline the key or its value. */
  readonly at: 'key' | 'value';
  /** What is probably meant in place of the key or the value that is underlined. */
  readonly instead?: string;
}

type Section = keyof ConfigFile;
type SectionGuards = { readonly [S in Section]-?: ValidateFunction<NonNullable<ConfigFile[S]>> };

interface Validators {
  readonly whole: ValidateFunction;
  readonly sections: SectionGuards;
}

let compiled: Validators | undefined;
let first: ValidateFunction | undefined;

function compiler(options: Options): Ajv {
  const ajv = new Ajv({ ...options, allowUnionTypes: true });
  ajv.addVocabulary(['x-default', 'x-expected', 'x-words', 'allowTrailingCommas']);
  ajv.addSchema(SCHEMA_JSON, 'east');
  return ajv;
}

/** Compiled on first use: it takes some milliseconds that nobody should pay who only asks for the version. */
function validators(): Validators {
  if (compiled) return compiled;
  const ajv = compiler({ allErrors: true, verbose: true });
  const section = <S extends Section>(key: S): ValidateFunction<NonNullable<ConfigFile[S]>> =>
    ajv.compile<NonNullable<ConfigFile[S]>>({ $ref: `east#/properties/${key}` });
  compiled = {
    whole: ajv.compile({ $ref: 'east#' }),
    sections: {
      name: section('name'),
      task: section('task'),
      model: section('model'),
      dataset: section('dataset'),
      frontend: section('frontend'),
      quantization: section('quantization'),
      budget: section('budget'),
      east: section('east'),
      training: section('training'),
      firmware: section('firmware'),
      engine: section('engine'),
    },
  };
  return compiled;
}

/** The first thing in which `value` differs from the schema: for what no person wrote, however much is wrong with it. */
export function firstSchemaProblem(value: unknown): string | undefined {
  first ??= compiler({ verbose: true }).compile({ $ref: 'east#' });
  if (first(value)) return undefined;
  for (const error of first.errors ?? []) {
    const problem = isDefined(error) && explain(error, keyPath(error.instancePath, value));
    if (problem) return problem.message;
  }
  return 'it does not fit the schema';
}

/** Whether `value` is a sound section of that name, its defaults already filled in. */
export function isSection<S extends Section>(
  section: S,
  value: unknown,
): value is NonNullable<ConfigFile[S]> {
  const guard: (data: unknown) => boolean = validators().sections[section];
  return guard(value);
}

/** So many are told of: nobody reads on, and each costs a look at the text. */
export const MOST_PROBLEMS = 100;

/** In what `value` differs from the schema, MOST_PROBLEMS and one that tells of the others; empty when it is sound. */
export function schemaProblems(value: unknown): SchemaProblem[] {
  const { whole } = validators();
  if (whole(value)) return [];
  const problems: SchemaProblem[] = [];
  const wrongValues = new Set<string>();
  for (const error of whole.errors ?? []) {
    if (problems.length === MOST_PROBLEMS) {
      const message = `more is wrong than these ${MOST_PROBLEMS} problems tell; mend them first`;
      problems.push({ message, path: [], at: 'key' });
      break;
    }
    if (!isDefined(error)) continue;
    const path = keyPath(error.instancePath, value);
    const problem = explain(error, path);
    if (!problem) continue;
    // A value can be wrong in several ways at once (type, pattern, range); the expectation covers them all.
    const key = formatKey(problem.path);
    if (problem.at === 'value' && wrongValues.has(key)) continue;
    if (problem.at === 'value') wrongValues.add(key);
    problems.push(problem);
  }
  return problems;
}

function isDefined(error: ErrorObject): error is DefinedError {
  return error.keyword !== 'false schema';
}

function explain(error: DefinedError, path: KeyPath): SchemaProblem | undefined {
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error.params.additionalProperty, path, error.data);
    case 'required':
      return missingKey(error.params.missingProperty, path);
    case 'propertyNames':
      return foreignKey(error.params.propertyName, path, error.data);
    case 'if':
      return undefined; // What its "then" found is reported by itself.
    case 'enum':
      // Of a propertyNames: reported with that keyword.
      return error.propertyName === undefined ? wrongValue(path, error.data) : undefined;
    default:
      return wrongValue(path, error.data);
  }
}

function unknownKey(key: string, parent: KeyPath, inside: unknown): SchemaProblem {
  const path = [...parent, key];
  const known = Object.keys(schemaAt(parent)?.properties ?? {});
  const meant = isLayer(parent)
    ? keyAlias(key, keysOfLayer(inside))
    : (SECTION_KEYS.get(key.toLowerCase().replaceAll(/[_-]/g, '')) ?? sameLetters(key, known));
  if (meant !== undefined && known.includes(meant)) {
    const message = `${formatKey(path)}: unknown key; that is "${meant}" here`;
    return { message, path, at: 'key', instead: meant };
  }
  const near = nearest(key, known);
  const places = findKey(key).map(
    (found) => formatKey(found.slice(0, -1)) || 'the outermost level',
  );
  const expected = `expected one of ${known.join(', ')}`;
  // A key that no section has been opened for is one of those that are written too far out. In a section of its own it
  // may be meant for that section, and what has the same name elsewhere may be something else altogether.
  const isElsewhere = places.length > 0 && parent.length === 0;
  const advice = isElsewhere
    ? `; it belongs in ${places.join(' or ')}`
    : near !== undefined
      ? `; did you mean "${near}"?`
      : places.length > 0
        ? `; ${expected} ("${key}" is a key of ${places.join(' and of ')})`
        : `; ${expected}`;
  return {
    message: `${formatKey(path)}: unknown key${advice}`,
    ...{ path, at: 'key' as const },
    ...defined({ instead: isElsewhere ? undefined : near }),
  };
}

/** What keys outside of layers are called elsewhere, in small letters, and here. */
const SECTION_KEYS: ReadonlyMap<string, string> = new Map([
  ['inputshape', 'input'],
  ['numclasses', 'classes'],
  ['nclasses', 'classes'],
  ['numoutputs', 'outputs'],
  ['lr', 'learningRate'],
  ['validationsplit', 'validation'],
  ['valsplit', 'validation'],
  ['decay', 'weightDecay'],
]);

/** Whether the path is that of an entry of model.layers. */
function isLayer(path: KeyPath): boolean {
  return path.length === 3 && path[0] === 'model' && path[1] === 'layers';
}

/** Keys of a layer by the type that it has, or that is meant by it. */
function keysOfLayer(layer: unknown): readonly string[] {
  const type = isRecord(layer) ? String(layer['type']) : '';
  const keys = layerKeys(type);
  if (keys.length > 0) return keys;
  const alias = typeAlias(type, wordsOf(schemaAt(['model', 'layers', 0, 'type'])));
  return alias !== undefined && 'name' in alias ? layerKeys(alias.name) : [];
}

function missingKey(key: string, parent: KeyPath): SchemaProblem {
  const where = parent.length === 0 ? 'the config' : formatKey(parent);
  const node = schemaAt([...parent, key]);
  const what = node ? `; expected ${expected(node)}` : '';
  return { message: `${where}: "${key}" is missing${what}`, path: parent, at: 'key' };
}

/** A key that layers have, but not those of this type. */
function foreignKey(key: string, parent: KeyPath, layer: unknown): SchemaProblem | undefined {
  const path = [...parent, key];
  if (schemaAt(path) === undefined) return undefined; // No layer has it; reported as unknown.
  if (typeof layer !== 'object' || layer === null || !('type' in layer)) return undefined;
  const type = String(layer.type);
  const keys = layerKeys(type);
  const meant = keyAlias(key, keys);
  const said = `${formatKey(path)}: a ${type} layer has no "${key}"`;
  return meant === undefined
    ? { message: `${said}; its keys are ${keys.join(', ')}`, path, at: 'key' }
    : { message: `${said}; that is "${meant}" there`, path, at: 'key', instead: meant };
}

function wrongValue(path: KeyPath, found: unknown): SchemaProblem {
  const node = schemaAt(path) ?? SCHEMA;
  const where = path.length === 0 ? 'the config' : formatKey(path);
  const words = wordsOf(node);
  const alias = typeof found === 'string' ? aliasOf(path, found, words) : undefined;
  const meant = alias !== undefined && 'name' in alias ? alias.name : undefined;
  const near = typeof found === 'string' && !alias ? nearest(found, words) : undefined;
  const hint =
    alias !== undefined
      ? `; ${'name' in alias ? `that is "${alias.name}" here` : alias.advice}`
      : near !== undefined
        ? `; did you mean "${near}"?`
        : typeof found === 'string' && isLong(node)
          ? `; spelled most alike are ${mostAlike(found, words, 3).join(', ')}`
          : '';
  const message = `${where}: expected ${expected(node)}, found ${show(found)}${hint}`;
  return { message, path, at: 'value', ...defined({ instead: meant ?? near }) };
}

function wordsOf(node: SchemaNode | undefined): string[] {
  return (node?.enum ?? node?.['x-words'] ?? []).filter((value) => typeof value === 'string');
}

/** What other frameworks call a type of layer or an activation. */
function aliasOf(path: KeyPath, found: string, words: readonly string[]): Alias | undefined {
  if (!isLayer(path.slice(0, -1))) return undefined;
  const key = path.at(-1);
  if (key === 'type') return typeAlias(found, words);
  const meant = key === 'activation' ? activationAlias(found, words) : undefined;
  return meant === undefined ? undefined : { name: meant };
}

/** Values that a message lists; of more it says where they are listed. */
const MOST_LISTED = 16;

function isLong({ enum: values = [] }: SchemaNode): boolean {
  return values.length > MOST_LISTED;
}

function expected(node: SchemaNode): string {
  return isLong(node)
    ? `one of the ${node.enum?.length} that docs/config.md lists`
    : expectation(node);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  if (text.length <= 40) return text;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `${text.slice(0, 37)}…`;
}

/** A JSON pointer as a path; the steps into lists become numbers. */
function keyPath(pointer: string, root: unknown): KeyPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return path;
}
