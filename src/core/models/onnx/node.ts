/** One operator of the file, with its attributes and inputs as those who read it ask for them. */
import { UserError } from '../../util/errors';
import type { AttributeProto, NodeProto } from './proto';
import type { Tensor } from './tensor';
import { readTensor } from './tensor';

/** Something is in an order in memory that would need a transpose; another layout of the input may not. */
export class LayoutError extends UserError {}

export class NodeReader {
  readonly where: string;
  readonly type: string;
  readonly name: string;
  readonly outputs: number;
  readonly opset: number;
  readonly #attributes: ReadonlyMap<string, AttributeProto>;
  readonly #inputs: readonly string[];
  readonly #constants: (name: string) => Tensor | undefined;

  constructor(
    node: NodeProto,
    place: { index: number; opset: number; constants: (name: string) => Tensor | undefined },
  ) {
    this.type = node.type;
    this.name = node.name;
    this.where = `${node.type} ${node.name === '' ? `(operator ${place.index})` : JSON.stringify(node.name.slice(0, 100))}`;
    this.outputs = node.outputs.length;
    this.opset = place.opset;
    this.#attributes = node.attributes;
    this.#inputs = node.inputs;
    this.#constants = place.constants;
  }

  fail(message: string): never {
    throw new UserError(`${this.where} ${message}.`);
  }

  failLayout(message: string): never {
    throw new LayoutError(`${this.where} ${message}.`);
  }

  has(attribute: string): boolean {
    return this.#attributes.has(attribute);
  }

  hasInput(index: number): boolean {
    return (this.#inputs[index] ?? '') !== '';
  }

  /** The input with this number where it is known already. */
  constant(index: number): Tensor | undefined {
    const name = this.#inputs[index] ?? '';
    return name === '' ? undefined : this.#constants(name);
  }

  int(attribute: string, otherwise: number): number {
    return this.optionalInt(attribute) ?? otherwise;
  }

  optionalInt(attribute: string): number | undefined {
    return this.#attributes.get(attribute)?.int;
  }

  float(attribute: string, otherwise: number): number {
    return this.optionalFloat(attribute) ?? otherwise;
  }

  optionalFloat(attribute: string): number | undefined {
    return this.#attributes.get(attribute)?.float;
  }

  text(attribute: string, otherwise: string): string {
    return this.#attributes.get(attribute)?.text ?? otherwise;
  }

  ints(attribute: string): readonly number[] {
    return this.#attributes.get(attribute)?.ints ?? [];
  }

  floats(attribute: string): readonly number[] {
    return this.#attributes.get(attribute)?.floats ?? [];
  }

  texts(attribute: string): readonly string[] {
    return this.#attributes.get(attribute)?.texts ?? [];
  }

  tensor(attribute: string): Tensor | undefined {
    const proto = this.#attributes.get(attribute)?.tensor;
    return proto && readTensor(proto, this.where);
  }

  /** Axes are an attribute up to opset 12 and an input since. */
  axes(input: Tensor | undefined): readonly number[] | undefined {
    if (input !== undefined) return Array.from(input.values);
    return this.has('axes') ? this.ints('axes') : undefined;
  }
}
