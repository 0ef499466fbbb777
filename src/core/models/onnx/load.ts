/**
 * Reads a float ONNX file of opset 11 or newer, as PyTorch's two exporters, tf2onnx and Keras write them. Transposes,
 * reshapes and the arithmetic of shapes around them do not become layers; weights are permuted instead.
 */
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { FileFacts, LoadedModel, OperatorCount, ReadBeside } from '../model';
import { NetworkBuilder } from '../network-builder';
import { convert, isSupported } from './convert';
import { emitSteps } from './network';
import type { ModelProto } from './proto';
import { parseModel } from './proto';
import { typeName } from './tensor';

const OLDEST_OPSET = 11;

/** @throws UserError for files that are damaged or hold what cannot be computed here */
export function loadOnnx(bytes: Uint8Array, beside?: ReadBeside): LoadedModel {
  const model = parseModel(bytes);
  const opset = model.opsets.get('') ?? 0;
  if (opset < OLDEST_OPSET) {
    throw new UserError(
      `The file is of opset ${opset}; ${OLDEST_OPSET} and newer are read. Export it again with opset_version=17, or convert it: ` +
        'onnx.version_converter.convert_version(model, 17).',
    );
  }
  const { inputShape, outputs, notes } = convert(model, beside);
  const builder = new NetworkBuilder(inputShape);
  const names = emitSteps(
    builder,
    outputs.map(({ value }) => value.step),
  );
  const facts = factsOf(model);
  return builder.finish(names, { ...facts, notes: [...facts.notes, ...notes] });
}

/** @throws UserError for files that are damaged */
export function inspectOnnx(bytes: Uint8Array): FileFacts {
  return factsOf(parseModel(bytes));
}

function factsOf(model: ModelProto): FileFacts {
  const { graph } = model;
  const known = new Set(graph.initializers.map(({ name }) => name));
  const [input] = graph.inputs.filter(({ name }) => !known.has(name));
  const types = graph.initializers
    .filter(({ dims }) => dims.length > 1)
    .map(({ type }) => typeName(type));
  const parameters = graph.initializers
    .filter(({ type }) =>
      ['float', 'float16', 'double', 'bfloat16', 'int8', 'uint8', 'int32'].includes(typeName(type)),
    )
    .reduce((sum, { dims }) => sum + dims.reduce((product, n) => product * n, 1), 0);
  const shapeOf = (dims: readonly (number | undefined)[]): number[] => dims.map((n) => n ?? -1);
  return {
    format: 'ONNX',
    operators: countOperators(model),
    weightsType:
      types.includes('int8') || types.includes('uint8')
        ? 'dynamic'
        : types.includes('float16')
          ? 'float16'
          : 'float32',
    parameters,
    ...defined({
      inputName: input?.name,
      inputShape: input?.dims && shapeOf(input.dims),
      classNames: classNames(model.metadata),
    }),
    outputNames: graph.outputs.map(({ name }) => name),
    ...defined({
      outputShapes: graph.outputs.every(({ dims }) => dims !== undefined)
        ? graph.outputs.map(({ dims }) => shapeOf(dims ?? []))
        : undefined,
    }),
    notes: [],
  };
}

function countOperators({ graph }: ModelProto): OperatorCount[] {
  const counts = new Map<string, number>();
  for (const { type, domain } of graph.nodes) {
    const name = domain === '' ? type : `${domain}.${type}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, count]) => ({
      name,
      count,
      ...defined({ unsupported: isSupported(name) ? undefined : (true as const) }),
    }));
}

/** Names that training tools leave in the metadata: Ultralytics a dictionary by number, others a list. */
function classNames(metadata: ReadonlyMap<string, string>): string[] | undefined {
  const text = metadata.get('names') ?? metadata.get('classes') ?? metadata.get('labels');
  if (text === undefined || text.length > 1 << 16) return undefined;
  const found = [...text.matchAll(/'([^'\n]{1,64})'|"([^"\n]{1,64})"/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  return found.length > 1 ? found : undefined;
}
