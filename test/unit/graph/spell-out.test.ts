/** Layers as people write them, and the layers of the graph that they become. */
import { describe, expect, it } from 'vitest';
import { buildLayers } from '../../../src/core/graph/build';
import { checkGraph } from '../../../src/core/graph/stored-graph';
import { ModelError } from '../../../src/core/graph/model-error';
import type { Graph } from '../../../src/core/graph/graph';
import type { WrittenLayer } from '../../../src/core/ops/written';
import { SPELLED_ACTIVATIONS } from '../../../src/core/ops/written';

const build = (
  layers: readonly WrittenLayer[],
  classes = 4,
): { graph: Graph; names: readonly string[] } => buildLayers({ layers, input: [8, 8, 2], classes });

const kinds = ({ layers }: Graph): string[] =>
  layers.map(({ kind, name, inputs }) => `${name} ${kind} of ${inputs.join(' and ')}`);

function failure(layers: readonly WrittenLayer[]): ModelError {
  try {
    build(layers);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('the layers were accepted');
}

describe('batch norm as a layer', () => {
  const written: WrittenLayer[] = [
    { type: 'conv2d', filters: 3, kernel: 3, batchNorm: false },
    { type: 'batchNorm' },
    { type: 'relu' },
    { type: 'dense', units: 4 },
    { type: 'batchNorm', name: 'last_norm' },
  ];

  it('is that of the layer before it, and a clamp behind it is, too', () => {
    const { graph, names } = build(written);
    expect(names).toEqual(['conv1', 'conv1', 'conv1', 'dense1', 'dense1']);
    expect(graph).toEqual(
      build([
        { type: 'conv2d', filters: 3, kernel: 3, activation: 'relu' },
        { type: 'dense', units: 4, batchNorm: true },
      ]).graph,
    );
  });

  it('is read by its own name', () => {
    const { graph } = build([
      { type: 'conv2d', filters: 2, kernel: 1, batchNorm: false },
      { type: 'batchNorm', name: 'norm' },
      { type: 'conv2d', filters: 2, kernel: 1 },
      { type: 'add', inputs: ['norm', 'conv2'] },
      { type: 'dense', units: 4 },
    ]);
    expect(graph.layers.map(({ inputs }) => inputs)).toEqual([
      ['input'],
      ['conv1'],
      ['conv1', 'conv2'],
      ['add1'],
    ]);
  });

  it.each<[string, WrittenLayer[]]>([
    ['the input', []],
    ['a pool', [{ type: 'maxPool2d', pool: 2 }]],
    ['a clamp', [{ type: 'conv2d', filters: 2, kernel: 1, activation: 'relu' }]],
    ['a clamp of its own', [{ type: 'conv2d', filters: 2, kernel: 1 }, { type: 'relu' }]],
    ['a tanh', [{ type: 'conv2d', filters: 2, kernel: 1, activation: 'tanh' }]],
  ])('is a layer of its own behind %s', (_, before) => {
    const { graph } = build([...before, { type: 'batchNorm' }, { type: 'dense', units: 4 }]);
    const norm = graph.layers.find(({ name }) => name === 'bn1');
    expect(norm).toMatchObject({ kind: 'depthwiseConv2d', kernel: [1, 1], batchNorm: true });
    expect(norm?.outputShape).toEqual(norm?.inputShape);
  });

  it('is a layer of its own where somebody reads what comes before it', () => {
    const { graph } = build([
      { type: 'conv2d', name: 'stem', filters: 2, kernel: 1 },
      { type: 'batchNorm' },
      { type: 'add', inputs: ['bn1', 'stem'] },
      { type: 'dense', units: 4 },
    ]);
    expect(kinds(graph)).toEqual([
      'stem conv2d of input',
      'bn1 depthwiseConv2d of stem',
      'add1 add of bn1 and stem',
      'dense1 dense of add1',
    ]);
  });

  it('reads one layer', () => {
    const two: WrittenLayer = { type: 'batchNorm', inputs: ['input', 'input'] };
    expect(failure([two, { type: 'dense', units: 4 }])).toMatchObject({
      message: 'layer "bn1": "batchNorm" needs one entry in "inputs", but has 2',
      path: ['layers', 0, 'inputs'],
    });
  });
});

describe('an activation that no layer can do itself', () => {
  it.each(SPELLED_ACTIVATIONS.filter((one) => one !== 'softmax'))('%s is a layer', (activation) => {
    const slope = activation === 'leakyRelu' ? { slope: 0.1 } : {};
    const { graph, names } = build([
      { type: 'conv2d', filters: 3, kernel: 3, activation, ...slope },
      { type: 'dense', units: 4 },
    ]);
    const behind = `conv1_${activation.toLowerCase()}`;
    expect(names).toEqual(['conv1', 'dense1']);
    expect(kinds(graph)).toEqual([
      'conv1 conv2d of input',
      `${behind} ${activation} of conv1`,
      `dense1 dense of ${behind}`,
    ]);
    expect(graph.layers[0]).toMatchObject({ activation: 'none' });
    // What a run has kept of it is read again.
    expect(checkGraph(JSON.parse(JSON.stringify(graph)))).toEqual({ value: graph });
  });

  it('softmax is the last layer, or refused where it was written', () => {
    const { graph } = build([{ type: 'dense', units: 4, activation: 'softmax' }]);
    expect(kinds(graph)).toEqual(['dense1 dense of input', 'dense1_softmax softmax of dense1']);
    const hidden: WrittenLayer = { type: 'dense', units: 9, activation: 'softmax' };
    expect(failure([hidden, { type: 'dense', units: 4 }])).toMatchObject({
      message: 'layer "dense1": softmax must be the last layer',
      path: ['layers', 0, 'activation'],
    });
  });

  it('has a name that nobody else has', () => {
    const { graph } = build([
      { type: 'dense', name: 'a', units: 9, activation: 'tanh' },
      { type: 'dense', name: 'a_tanh', units: 4, activation: 'tanh' },
    ]);
    expect(kinds(graph)).toEqual([
      'a dense of input',
      'a_tanh_2 tanh of a',
      'a_tanh dense of a_tanh_2',
      'a_tanh_tanh tanh of a_tanh',
    ]);
  });

  it('a slope is wanted for leakyRelu, and for nothing else', () => {
    const dense: WrittenLayer = { type: 'dense', units: 4 };
    expect(failure([{ ...dense, activation: 'leakyRelu' }])).toMatchObject({
      message: 'layer "dense1": "leakyRelu" needs "slope"',
    });
    expect(failure([{ ...dense, activation: 'relu', slope: 0.1 }])).toMatchObject({
      message: 'layer "dense1": "slope" is that of the activation "leakyRelu"',
      path: ['layers', 0, 'slope'],
    });
  });
});

describe('dropout as a layer', () => {
  const dense: WrittenLayer = { type: 'dense', units: 4 };

  it('is of what the layer behind it reads, and no layer of the graph', () => {
    const { graph, names } = build([
      { type: 'dropout', rate: 0.1 },
      { type: 'dense', units: 9, activation: 'tanh' },
      { type: 'dropout', name: 'half', rate: 0.5 },
      dense,
    ]);
    expect(names).toEqual(['input', 'dense1', 'dense1_tanh', 'dense2']);
    expect(kinds(graph)).toEqual([
      'dense1 dense of input',
      'dense1_tanh tanh of dense1',
      'dense2 dense of dense1_tanh',
    ]);
    expect(graph.dropout).toEqual([
      { name: 'dropout1', reader: 'dense1', input: 0, rate: expect.closeTo(0.1) },
      { name: 'half', reader: 'dense2', input: 0, rate: 0.5 },
    ]);
  });

  it('keeps no clamp from being part of the layer before it', () => {
    const { graph } = build([
      { type: 'dense', units: 9 },
      { type: 'dropout', rate: 0.5 },
      { type: 'relu' },
      dense,
    ]);
    expect(kinds(graph)).toEqual(['dense1 dense of input', 'dense2 dense of dense1']);
    expect(graph.dropout).toEqual([{ name: 'dropout1', reader: 'dense2', input: 0, rate: 0.5 }]);
  });

  it('lies between batch norm and what that could join', () => {
    const { graph } = build([
      { type: 'dense', units: 9 },
      { type: 'dropout', rate: 0.5 },
      { type: 'batchNorm' },
      dense,
    ]);
    expect(kinds(graph)[1]).toBe('bn1 depthwiseConv2d of dense1');
    expect(graph.dropout).toEqual([{ name: 'dropout1', reader: 'bn1', input: 0, rate: 0.5 }]);
  });

  it('is of one input alone where the same tensor is read without it, too', () => {
    const { graph } = build([
      { type: 'conv2d', filters: 2, kernel: 1 },
      { type: 'conv2d', filters: 2, kernel: 1 },
      { type: 'dropout', rate: 0.5, inputs: ['conv1'] },
      { type: 'add', inputs: ['conv2', 'dropout1'] },
      dense,
    ]);
    expect(graph.layers[2]?.inputs).toEqual(['conv2', 'conv1']);
    expect(graph.dropout).toEqual([{ name: 'dropout1', reader: 'add1', input: 1, rate: 0.5 }]);
  });

  it('twice leaves what the other has left, and of nothing it is none', () => {
    const twice = build([{ type: 'dropout', rate: 0.5 }, { type: 'dropout', rate: 0.5 }, dense]);
    expect(twice.graph.dropout).toEqual([
      { name: 'dropout2', reader: 'dense1', input: 0, rate: 0.75 },
    ]);
    expect(build([{ type: 'dropout', rate: 0 }, dense]).graph).toEqual(build([dense]).graph);
  });

  it('at the end is refused', () => {
    expect(failure([dense, { type: 'dropout', rate: 0.5 }])).toMatchObject({
      message: 'layer "dropout1": no later layer reads it, so it has no effect; remove it',
      path: ['layers', 1],
    });
  });
});
