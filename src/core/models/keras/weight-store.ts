/** Weights of a network's layers, however a kind of file orders them. */
import { UserError } from '../../util/errors';
import type { Hdf5File } from './hdf5';
import type { KerasLayer } from './network';
import type { Tensor } from './tensor';

export interface WeightStore {
  /**
   * Weights of a layer by Keras's names for them, in Keras's order; undefined for those that the file lacks.
   *
   * @param part of the layer that has them: `cell` of recurrent layers
   */
  of(layer: KerasLayer, names: readonly string[], part?: string): (Tensor | undefined)[];
  /** Numbers that the file has as weights. */
  count(): number;
}

/** `.keras`: numbered by the order in which the layer makes them. */
export class NumberedWeights implements WeightStore {
  readonly #file: Hdf5File;
  readonly #known = new Map<string, Tensor | undefined>();

  constructor(file: Hdf5File) {
    this.#file = file;
  }

  of({ path }: KerasLayer, names: readonly string[], part?: string): (Tensor | undefined)[] {
    const folder = `${path}${part === undefined ? '' : `/${part}`}/vars`;
    return names.map((_, i) => {
      const at = `${folder}/${i}`;
      const known = this.#known.get(at) ?? this.#file.tensor(at);
      this.#known.set(at, known);
      return known;
    });
  }

  count(): number {
    return sizes([...this.#file.datasets('layers')]);
  }
}

/** A weight's full name, and how it is read. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  read(): Tensor;
}

/** `.h5` and TensorFlow.js: named `conv2d/kernel:0`, those of a network in a network together under its name. */
export class NamedWeights implements WeightStore {
  readonly #groups: ReadonlyMap<string, readonly Filed[]>;
  /** By group and by each part of their names. */
  readonly #byPart = new Map<string, Filed[]>();
  readonly #known = new Map<NamedWeight, Tensor>();

  /** @param groups by the name of the outermost layer; all in the group '' where the file has none */
  constructor(groups: ReadonlyMap<string, readonly NamedWeight[]>) {
    this.#groups = new Map(
      [...groups].map(([group, weights]) => [
        group,
        weights.map((weight) => ({ weight, parts: weight.name.replace(/:\d+$/, '').split('/') })),
      ]),
    );
    for (const [group, weights] of this.#groups) {
      for (const filed of weights) {
        for (const part of new Set(filed.parts.slice(0, -1))) {
          const key = keyOf(group, part);
          const list = this.#byPart.get(key);
          if (list === undefined) this.#byPart.set(key, [filed]);
          else list.push(filed);
        }
      }
    }
  }

  of({ scope, name: layer }: KerasLayer, names: readonly string[]): (Tensor | undefined)[] {
    const [outermost = ''] = scope;
    const own = this.#groups.get(outermost);
    const alone = own !== undefined && scope.length === 1;
    const group = own === undefined ? '' : outermost;
    const candidates = alone ? own : (this.#byPart.get(keyOf(group, layer)) ?? []);
    return names.map((name) => {
      const named = candidates.filter(({ parts }) => parts.at(-1) === name);
      const [found, other] = mostOf(named, scope);
      if (found === undefined) return undefined;
      if (other !== undefined) {
        throw new UserError(
          `Layer "${scope.join('/')}": "${found.name}" and "${other.name}" may both be its ${name}. Give layers names of their own and save the network again.`,
        );
      }
      const tensor = this.#known.get(found) ?? found.read();
      this.#known.set(found, tensor);
      return tensor;
    });
  }

  count(): number {
    const all = [...this.#groups.values()].flat();
    return sizes(all.map(({ weight: { name, shape } }) => [name, shape]));
  }
}

interface Filed {
  readonly weight: NamedWeight;
  /** Of its name, without the number of its output. */
  readonly parts: readonly string[];
}

function keyOf(group: string, part: string): string {
  return `${group}\n${part}`;
}

/** Of the weights those whose names have most of a layer's scope. */
function mostOf(weights: readonly Filed[], scope: readonly string[]): NamedWeight[] {
  const counts = weights.map(({ parts }) => scope.filter((part) => parts.includes(part)).length);
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  return weights.filter((_, i) => counts[i] === most).map(({ weight }) => weight);
}

function sizes(shapes: readonly (readonly [string, readonly number[]])[]): number {
  return shapes.reduce((sum, [, shape]) => sum + shape.reduce((size, n) => size * n, 1), 0);
}

/** The weights of a whole network in an `.h5` file. */
export function legacyWeights(file: Hdf5File): NamedWeights {
  const root = 'model_weights';
  const groups = new Map<string, readonly NamedWeight[]>();
  for (const group of file.names(root)) {
    const at = `${root}/${group}`;
    const weights = listOf(file, at, 'weight_names').map((name) => {
      const path = `${at}/${name}`;
      return {
        name,
        shape: file.shape(path) ?? [],
        read: () => {
          const tensor = file.tensor(path);
          if (tensor === undefined) throw new UserError(`The file lacks the weight ${path}.`);
          return tensor;
        },
      };
    });
    groups.set(group, weights);
  }
  return new NamedWeights(groups);
}

/** A list of names in an attribute, or in several where one would be too long: weight_names0, weight_names1 … */
function listOf(file: Hdf5File, path: string, attribute: string): string[] {
  const whole = file.texts(path, attribute);
  if (whole !== undefined) return whole;
  const all: string[] = [];
  for (let i = 0; ; i++) {
    const part = file.texts(path, `${attribute}${i}`);
    if (part === undefined) return all;
    all.push(...part);
  }
}
