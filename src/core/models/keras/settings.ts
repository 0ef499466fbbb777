/** What a layer's config says, checked as it is read. */
import { UserError } from '../../util/errors';
import { isRecord } from '../../util/is-record';
import { shorten } from '../../util/stored';

export class Settings {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** @param where names the layer in errors */
  constructor(values: Readonly<Record<string, unknown>>, where: string) {
    this.#values = values;
    this.#where = where;
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  any(key: string): unknown {
    return this.#values[key];
  }

  number(key: string, fallback?: number): number {
    const value = this.has(key) ? this.#values[key] : fallback;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return this.#wrong(key, 'a number');
  }

  /** Of something that there is at least one of. */
  size(key: string): number {
    const value = this.number(key);
    if (Number.isSafeInteger(value) && value > 0) return value;
    return this.#wrong(key, 'a whole number above 0');
  }

  text(key: string, fallback: string): string {
    const value = this.has(key) ? this.#values[key] : fallback;
    return typeof value === 'string' ? value : this.#wrong(key, 'a text');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.has(key) ? this.#values[key] : fallback;
    return typeof value === 'boolean' ? value : this.#wrong(key, 'true or false');
  }

  /** Numbers, also where there is one that is no list; lists in lists are made one. */
  numbers(key: string, fallback?: readonly number[]): number[] {
    const value = this.has(key) ? this.#values[key] : fallback;
    const list: readonly unknown[] = Array.isArray(value) ? value.flat(4) : [value];
    return list.map((item) =>
      typeof item === 'number' && Number.isFinite(item) ? item : this.#wrong(key, 'numbers'),
    );
  }

  /** Of a window: [vertical, horizontal], of layers over time [1, …]. */
  pair(key: string, dimensions: 1 | 2, fallback?: number): [number, number] {
    const numbers = this.numbers(key, fallback === undefined ? undefined : [fallback]);
    const [first = 1, second = first] = numbers;
    if (numbers.some((n) => !Number.isSafeInteger(n) || n < 1) || numbers.length > dimensions) {
      return this.#wrong(key, 'whole numbers above 0');
    }
    return dimensions === 1 ? [1, first] : [first, second];
  }

  #wrong(key: string, expected: string): never {
    const said = shorten(JSON.stringify(this.#values[key]) ?? 'nothing');
    throw new UserError(`${this.#where}: its ${key} must be ${expected}, not ${said}.`);
  }
}

/** The name of a function in a config: a text, or a description of a function that has one. */
export function functionName(value: unknown): string {
  if (value === undefined || value === null) return 'linear';
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return 'of an unknown kind';
  if (value['class_name'] === 'function' && typeof value['config'] === 'string') {
    return value['config'];
  }
  return typeof value['class_name'] === 'string' ? value['class_name'] : 'of an unknown kind';
}
