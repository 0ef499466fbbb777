import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/core/config/config';
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import { loadModel } from '../../../src/core/models/models';
import {
  INPUT,
  macs,
  weightCount,
  weightShape,
  weightedLayers,
} from '../../../src/core/graph/graph';
import { elements } from '../../../src/core/ops/shape';
import type { Graph } from '../../../src/core/graph/graph';
import type { Layer } from '../../../src/core/ops/graph-ops';
import { ModelError } from '../../../src/core/graph/model-error';
import { layerTypes } from '../../../src/core/ops/graph-ops';
import { listWords } from '../../../src/core/util/list-words';

/** One type of each kind that has weights. */
const WEIGHTED = layerTypes().flatMap(({ type, op }) =>
  op.weights !== undefined && op.example.type === type ? type : [],
);

const totalWeights = (graph: Graph): number =>
  weightedLayers(graph).reduce((sum, layer) => sum + weightCount(layer), 0);
const totalMacs = (graph: Graph): number =>
  graph.layers.reduce((sum, layer) => sum + macs(layer), 0);

function layerOf(graph: Graph, name: string): Layer {
  const layer = graph.layers.find((candidate) => candidate.name === name);
  if (!layer) throw new Error(`no layer ${name} in ${graph.layers.map((l) => l.name).join(' ')}`);
  return layer;
}

function withLayers(
  layers: LayerConfig[],
  input: [number, number, number] = [8, 8, 3],
  classes = 10,
): ModelConfig {
  return { layers, input, classes };
}

function failure(model: ModelConfig): ModelError {
  try {
    loadModel(model);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('the model was accepted');
}

describe('named architectures', () => {
  // Weights without biases and batch norm; multiply–accumulates of one inference.
  it.each<[ModelConfig, { weights: number; macs: number; weighted: number }]>([
    // MLPerf Tiny's int8 resnet8: 77,360 weights, 12.5 M MACs.
    [
      { architecture: 'resnet8', input: [32, 32, 3], classes: 10 },
      { weights: 77_360, macs: 12_501_632, weighted: 10 },
    ],
    // 3·3·(3·16 + 16·32 + 2·32·32 + 32·64 + 64·128 + 2·128·128) + 128·10.
    // MACs: 32²·3·3·3·16 + five stages of 32²·3·3·16·32 each + 1,280.
    [
      { architecture: 'resnet9', input: [32, 32, 3], classes: 10 },
      { weights: 411_824, macs: 24_036_608, weighted: 9 },
    ],
    [
      { architecture: 'resnet9', width: 8, input: [32, 32, 3], classes: 10 },
      { weights: 103_384, macs: 6_120_064, weighted: 9 },
    ],
    // MLPerf Tiny's keyword spotting model: 10·4·64 + 4·(9·64 + 64·64) + 64·12.
    [
      { architecture: 'ds-cnn', input: [49, 10, 1], classes: 12 },
      { weights: 22_016, macs: 2_656_768, weighted: 10 },
    ],
    // As many weights; 20 frames behind the first, then 18, 16, 14 and 12, of 5 bands each.
    [
      { architecture: 'ds-cnn-streaming', input: [49, 10, 1], classes: 12 },
      {
        weights: 22_016,
        macs: 5 * (20 * 10 * 4 * 64 + (18 + 16 + 14 + 12) * (9 * 64 + 64 * 64)) + 64 * 12,
        weighted: 10,
      },
    ],
    // MLPerf Tiny's visual wake words model (MobileNet v1 0.25×, 96×96): 7.5 M MACs.
    [
      { architecture: 'mobilenet-v1', input: [96, 96, 3], classes: 2 },
      { weights: 208_112, macs: 7_489_664, weighted: 28 },
    ],
    // The usual LeNet-5: 61,706 parameters less 236 biases.
    [
      { architecture: 'lenet5', input: [28, 28, 1], classes: 10 },
      { weights: 61_470, macs: 416_520, weighted: 5 },
    ],
    [
      { architecture: 'lenet5', input: [32, 32, 1], classes: 10 },
      { weights: 61_470, macs: 416_520, weighted: 5 },
    ],
    // 5·(6·8 + 8·16 + 16·32) + 32·4, each stage on half of the steps before.
    [
      { architecture: 'cnn1d', width: 8, input: [1, 128, 6], classes: 4 },
      {
        weights: 5 * (6 * 8 + 8 * 16 + 16 * 32) + 32 * 4,
        macs: 5 * (128 * 6 * 8 + 64 * 8 * 16 + 32 * 16 * 32) + 32 * 4,
        weighted: 4,
      },
    ],
    // Six blocks see 1 + 2·2·(2⁶ − 1) = 253 steps, five only 125.
    [
      { architecture: 'tcn', width: 8, input: [1, 128, 6], classes: 4 },
      {
        weights: 6 * 8 + 12 * 3 * 8 * 8 + 8 * 4,
        macs: 128 * (6 * 8 + 12 * 3 * 8 * 8) + 8 * 4,
        weighted: 14,
      },
    ],
    [
      { architecture: 'mlp', width: 32, input: [1, 1, 20], classes: 3 },
      { weights: 20 * 32 + 32 * 32 + 32 * 3, macs: 20 * 32 + 32 * 32 + 32 * 3, weighted: 3 },
    ],
  ])('%o', (model, expected) => {
    const graph = loadModel(model).graph;
    expect({
      weights: totalWeights(graph),
      macs: totalMacs(graph),
      weighted: weightedLayers(graph).length,
    }).toEqual(expected);
  });

  it.each([
    [{ architecture: 'resnet9', input: [28, 28, 1], classes: 10 }],
    [{ architecture: 'resnet9', input: [8, 8, 1], classes: 2 }],
    [{ architecture: 'resnet8', input: [28, 20, 1], classes: 4, width: 5 }],
    [{ architecture: 'resnet8', input: [1, 1, 7], classes: 4 }],
    [{ architecture: 'ds-cnn', input: [1, 128, 6], classes: 5 }],
    [{ architecture: 'ds-cnn', input: [30, 1, 2], classes: 5 }],
    [{ architecture: 'ds-cnn', input: [5, 3, 2], classes: 5, width: 7 }],
    [{ architecture: 'ds-cnn-streaming', input: [26, 1, 2], classes: 5 }],
    [{ architecture: 'ds-cnn-streaming', input: [40, 7, 2], classes: 5, width: 3 }],
    [{ architecture: 'ds-cnn-streaming', input: [1, 128, 6], classes: 5 }],
    [{ architecture: 'mobilenet-v1', input: [33, 47, 3], classes: 3, width: 3 }],
    [{ architecture: 'lenet5', input: [12, 12, 1], classes: 3, width: 1 }],
    [{ architecture: 'cnn1d', input: [1, 7, 1], classes: 2 }],
    [{ architecture: 'cnn1d', input: [1, 1, 3], classes: 2 }],
    [{ architecture: 'tcn', input: [1, 1, 3], classes: 2 }],
    [{ architecture: 'tcn', input: [1, 4096, 1], classes: 2, width: 3 }],
    [{ architecture: 'mlp', input: [28, 28, 1], classes: 10 }],
  ] satisfies [ModelConfig][])('is sound for %o', (model: ModelConfig) => {
    const graph = loadModel(model).graph;
    const shapes = new Map([[INPUT, graph.inputShape]]);
    for (const layer of graph.layers) {
      expect(layer.name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(shapes.has(layer.name)).toBe(false);
      expect(layer.inputShape).toEqual(shapes.get(layer.inputs[0]!));
      for (const n of layer.outputShape) expect(n).toBeGreaterThan(0);
      shapes.set(layer.name, layer.outputShape);
    }
    const last = graph.layers.at(-1)!;
    expect(last).toMatchObject({ kind: 'dense', batchNorm: false, activation: 'none' });
    expect(last.outputShape).toEqual([1, 1, model.classes]);
  });

  it('builds resnet8 as MLPerf Tiny publishes it', () => {
    const graph = loadModel({ architecture: 'resnet8', input: [32, 32, 3], classes: 10 }).graph;
    expect(layerOf(graph, 'res2_skip')).toMatchObject({
      kernel: [1, 1],
      stride: [2, 2],
      batchNorm: false,
      activation: 'none',
      inputs: ['res1_add'],
      outputShape: [16, 16, 32],
    });
    expect(layerOf(graph, 'res1_add')).toMatchObject({
      inputs: ['conv1', 'res1b'],
      activation: 'relu',
    });
    expect(layerOf(graph, 'res3b')).toMatchObject({ batchNorm: true, activation: 'none' });
    expect(layerOf(graph, 'global_pool')).toMatchObject({
      inputShape: [8, 8, 64],
      kind: 'globalAveragePool',
    });
  });

  it('gives the shapes of resnet9 stage by stage', () => {
    const graph = loadModel({ architecture: 'resnet9', input: [32, 32, 3], classes: 10 }).graph;
    expect(graph.layers.map((layer) => `${layer.name} ${layer.outputShape.join('×')}`)).toEqual([
      'conv1 32×32×16',
      'conv2 32×32×32',
      'pool2 16×16×32',
      'res2a 16×16×32',
      'res2b 16×16×32',
      'res2_add 16×16×32',
      'conv3 16×16×64',
      'pool3 8×8×64',
      'conv4 8×8×128',
      'pool4 4×4×128',
      'res4a 4×4×128',
      'res4b 4×4×128',
      'res4_add 4×4×128',
      'global_pool 1×1×128',
      'dense 1×1×10',
    ]);
  });

  it('names the layer and the input when the input is too small', () => {
    const error = failure({ architecture: 'resnet9', input: [4, 4, 3], classes: 10 });
    expect(error.message).toBe(
      'layer "pool4" of resnet9 with input 4×4: input 1×1 is smaller than the 2×2 pool with "valid" padding',
    );
    expect(error.path).toEqual(['input']);
  });

  it.each([
    [[25, 40, 1], 25],
    [[1, 20, 6], 20],
  ] as const)('says how many frames ds-cnn-streaming needs, not %j', (input, frames) => {
    const load = (): unknown => loadModel({ architecture: 'ds-cnn-streaming', input, classes: 2 });
    expect(load).toThrow(`needs 26 frames or more; "input" has ${frames}`);
  });

  it.each(['cnn1d', 'tcn'] as const)('says that %s reads no images, and what does', (name) => {
    const error = failure({ architecture: name, input: [49, 10, 1], classes: 3 });
    expect(error.message).toMatch(/reads a sequence, .* such as \[49, 10\], or choose .*ds-cnn/);
    expect(error.path).toEqual(['input']);
  });
});

describe('explicit layers', () => {
  it('names layers by kind, links each to the one before and fills the defaults', () => {
    const graph = loadModel(
      withLayers([
        { type: 'conv2d', filters: 4, kernel: 3 },
        { type: 'conv2d', filters: 6, kernel: [1, 3], stride: 2, padding: 'valid' },
        { type: 'depthwiseConv2d', kernel: 3 },
        { type: 'maxPool2d', pool: 2 },
        { type: 'averagePool2d', pool: 3, stride: 1, padding: 'same' },
        { type: 'flatten' },
        { type: 'dense', units: 10 },
        { type: 'softmax' },
      ]),
    ).graph;
    expect(graph.layers).toEqual([
      {
        kind: 'conv2d',
        name: 'conv1',
        inputs: ['input'],
        inputShape: [8, 8, 3],
        outputShape: [8, 8, 4],
        filters: 4,
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
        batchNorm: true,
        activation: 'none',
      },
      {
        kind: 'conv2d',
        name: 'conv2',
        inputs: ['conv1'],
        inputShape: [8, 8, 4],
        outputShape: [4, 3, 6],
        filters: 6,
        kernel: [1, 3],
        stride: [2, 2],
        padding: 'valid',
        batchNorm: true,
        activation: 'none',
      },
      {
        kind: 'depthwiseConv2d',
        name: 'dw1',
        inputs: ['conv2'],
        inputShape: [4, 3, 6],
        outputShape: [4, 3, 6],
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
        batchNorm: true,
        activation: 'none',
      },
      {
        kind: 'maxPool2d',
        name: 'maxpool1',
        inputs: ['dw1'],
        inputShape: [4, 3, 6],
        outputShape: [2, 1, 6],
        pool: [2, 2],
        stride: [2, 2],
        padding: 'valid',
      },
      {
        kind: 'averagePool2d',
        name: 'avgpool1',
        inputs: ['maxpool1'],
        inputShape: [2, 1, 6],
        outputShape: [2, 1, 6],
        pool: [3, 3],
        stride: [1, 1],
        padding: 'same',
      },
      {
        kind: 'flatten',
        name: 'flatten1',
        inputs: ['avgpool1'],
        inputShape: [2, 1, 6],
        outputShape: [1, 1, 12],
      },
      {
        kind: 'dense',
        name: 'dense1',
        inputs: ['flatten1'],
        inputShape: [1, 1, 12],
        outputShape: [1, 1, 10],
        units: 10,
        batchNorm: false,
        activation: 'none',
      },
      {
        kind: 'softmax',
        name: 'softmax1',
        inputs: ['dense1'],
        inputShape: [1, 1, 10],
        outputShape: [1, 1, 10],
      },
    ]);
    expect(weightedLayers(graph).map(weightShape)).toEqual([
      [4, 3, 3, 3],
      [6, 1, 3, 4],
      [3, 3, 6],
      [10, 12],
    ]);
    expect(elements(layerOf(graph, 'maxpool1').outputShape)).toBe(12);
  });

  it('does not give a default name that the user has given', () => {
    const graph = loadModel(
      withLayers([
        { type: 'conv2d', filters: 4, kernel: 3 },
        { type: 'conv2d', name: 'conv1', filters: 4, kernel: 3 },
        { type: 'globalMaxPool' },
        { type: 'dense', units: 10 },
      ]),
    ).graph;
    expect(graph.layers.map((layer) => layer.name)).toEqual([
      'conv2',
      'conv1',
      'global_maxpool1',
      'dense1',
    ]);
  });

  it('joins residual branches by name', () => {
    const graph = loadModel(
      withLayers([
        { type: 'conv2d', name: 'stem', filters: 4, kernel: 3, activation: 'relu' },
        { type: 'conv2d', filters: 4, kernel: 3 },
        { type: 'add', inputs: ['stem', 'conv1'], activation: 'relu6' },
        { type: 'globalAveragePool' },
        { type: 'dense', units: 10 },
      ]),
    ).graph;
    expect(layerOf(graph, 'add1')).toMatchObject({
      inputs: ['stem', 'conv1'],
      outputShape: [8, 8, 4],
      activation: 'relu6',
    });
  });

  describe('relu', () => {
    const tail: LayerConfig[] = [{ type: 'globalAveragePool' }, { type: 'dense', units: 10 }];

    it('joins its producer when it is the only reader, and links follow', () => {
      const graph = loadModel(
        withLayers([
          { type: 'conv2d', name: 'a', filters: 4, kernel: 3 },
          { type: 'relu', name: 'clamp' },
          { type: 'conv2d', name: 'b', filters: 4, kernel: 3 },
          { type: 'relu' },
          { type: 'relu6' },
          { type: 'add', name: 'sum', inputs: ['clamp', 'relu6_1'] },
          { type: 'relu' },
          ...tail,
        ]),
      ).graph;
      expect(graph.layers.map((layer) => layer.name)).toEqual([
        'a',
        'b',
        'sum',
        'global_avgpool1',
        'dense1',
      ]);
      expect(layerOf(graph, 'a')).toMatchObject({ activation: 'relu' });
      expect(layerOf(graph, 'b')).toMatchObject({ activation: 'relu6', inputs: ['a'] });
      expect(layerOf(graph, 'sum')).toMatchObject({ activation: 'relu', inputs: ['a', 'b'] });
    });

    it('stays a layer when something else reads its producer', () => {
      const graph = loadModel(
        withLayers([
          { type: 'conv2d', name: 'a', filters: 4, kernel: 3 },
          { type: 'relu', name: 'clamp' },
          { type: 'add', inputs: ['a', 'clamp'] },
          ...tail,
        ]),
      ).graph;
      expect(layerOf(graph, 'a')).toMatchObject({ activation: 'none' });
      expect(layerOf(graph, 'clamp')).toMatchObject({ kind: 'activation', activation: 'relu' });
      expect(layerOf(graph, 'add1')).toMatchObject({ inputs: ['a', 'clamp'] });
    });

    it('stays a layer behind the input and behind a pool', () => {
      const graph = loadModel(
        withLayers([
          { type: 'relu' },
          { type: 'conv2d', filters: 4, kernel: 3 },
          { type: 'maxPool2d', pool: 2 },
          { type: 'relu6', name: 'r' },
          ...tail,
        ]),
      ).graph;
      expect(layerOf(graph, 'relu1')).toMatchObject({ kind: 'activation', inputs: ['input'] });
      expect(layerOf(graph, 'r')).toMatchObject({ kind: 'activation', activation: 'relu6' });
    });
  });
});

describe('what cannot be a network', () => {
  const conv: LayerConfig = { type: 'conv2d', filters: 4, kernel: 3 };
  const dense: LayerConfig = { type: 'dense', units: 10 };

  it.each<[string, ModelConfig, string, (string | number)[]]>([
    [
      'a kernel larger than its input',
      withLayers([
        conv,
        { type: 'maxPool2d', pool: 4 },
        { type: 'conv2d', name: 'conv3', filters: 4, kernel: 3, padding: 'valid' },
        dense,
      ]),
      'layer "conv3": input 2×2 is smaller than the 3×3 kernel with "valid" padding',
      ['layers', 2, 'kernel'],
    ],
    [
      'a pool larger than its input',
      withLayers([{ type: 'averagePool2d', pool: [2, 9] }, dense]),
      'layer "avgpool1": input 8×8 is smaller than the 2×9 pool with "valid" padding',
      ['layers', 0, 'pool'],
    ],
    [
      'an add of different shapes',
      withLayers([
        conv,
        { ...conv, filters: 5 },
        { type: 'add', inputs: ['conv1', 'conv2'] },
        dense,
      ]),
      'layer "add1": adds "conv1" (8×8×4) and "conv2" (8×8×5), whose shapes must be the same, or one of them 1 where they differ',
      ['layers', 2, 'inputs'],
    ],
    [
      'an add without inputs',
      withLayers([conv, { type: 'add' }, dense]),
      'layer "add1": "add" needs two "inputs", but reads the layer before it only',
      ['layers', 1, 'inputs'],
    ],
    [
      'an add of three',
      withLayers([conv, { type: 'add', inputs: ['input', 'conv1', 'conv1'] }, dense]),
      'layer "add1": "add" needs two "inputs", but has 3',
      ['layers', 1, 'inputs'],
    ],
    [
      'an add to itself',
      withLayers([conv, { type: 'add', inputs: ['conv1', 'conv1'] }, dense]),
      'layer "add1": adds "conv1" to itself',
      ['layers', 1, 'inputs'],
    ],
    [
      'two inputs where one is read',
      withLayers([conv, { ...dense, inputs: ['conv1', 'input'] }]),
      'layer "dense1": "dense" needs one entry in "inputs", but has 2',
      ['layers', 1, 'inputs'],
    ],
    [
      'a misspelt link',
      withLayers([
        { ...conv, name: 'stem' },
        { ...dense, inputs: ['steam'] },
      ]),
      'layer "dense1": reads "steam", but no layer has that name; did you mean "stem"?',
      ['layers', 1, 'inputs', 0],
    ],
    [
      'a link to nowhere near',
      withLayers([conv, { ...dense, inputs: ['shortcut'] }]),
      'layer "dense1": reads "shortcut", but no layer has that name',
      ['layers', 1, 'inputs', 0],
    ],
    [
      'a link forwards',
      withLayers([{ ...conv, inputs: ['dense1'] }, dense]),
      'layer "conv1": reads "dense1", which does not come before it; move it behind that layer',
      ['layers', 0, 'inputs', 0],
    ],
    [
      'a name twice',
      withLayers([conv, { ...conv, name: 'a' }, { ...conv, name: 'a' }, dense]),
      'layer "a": layers 2 and 3 have the same name',
      ['layers', 2, 'name'],
    ],
    [
      'the name of the input',
      withLayers([{ ...conv, name: 'input' }, dense]),
      'layer "input": "input" is the name of the network\'s input; choose another',
      ['layers', 0, 'name'],
    ],
    [
      'a name that is no identifier',
      withLayers([{ ...conv, name: 'conv-1' }, dense]),
      'layer "conv-1": a name is made of lower-case letters, digits and "_", and starts with a letter',
      ['layers', 0, 'name'],
    ],
    [
      'no filters',
      withLayers([{ type: 'conv2d', kernel: 3 }, dense]),
      'layer "conv1": "conv2d" needs "filters"',
      ['layers', 0],
    ],
    [
      'the wrong number of outputs',
      withLayers([conv, { type: 'dense', units: 9 }]),
      'layer "dense1": the last layer must give one output per class, 1×1×10, but gives 1×1×9',
      ['layers', 1],
    ],
    [
      'outputs in a plane',
      withLayers([{ ...conv, filters: 10 }]),
      'layer "conv1": the last layer must give one output per class, 1×1×10, but gives 8×8×10; a network that gives an image or a sequence is none for classification',
      ['layers', 0],
    ],
    [
      'a single output',
      withLayers([conv, { type: 'dense', units: 1 }]),
      'layer "dense1": the last layer must give one output per class, 1×1×10, but gives 1×1×1; of yes or no set "task" to "binary", of a measured value to "regression"',
      ['layers', 1],
    ],
    [
      'a layer nobody reads',
      withLayers([conv, { ...dense, inputs: ['input'] }]),
      'layer "conv1": no later layer reads it; remove it, or name it in some "inputs"',
      ['layers', 0],
    ],
    [
      'softmax in the middle',
      withLayers([{ type: 'softmax' }, dense]),
      'layer "softmax1": softmax must be the last layer',
      ['layers', 0, 'type'],
    ],
    [
      'nothing to train',
      withLayers([{ type: 'globalMaxPool' }], [8, 8, 10]),
      `no layer has weights: add a ${listWords(WEIGHTED, 'or')} layer`,
      ['layers'],
    ],
    ['no layers', withLayers([]), '"layers" is empty: a network needs a layer', ['layers']],
    [
      'neither architecture nor layers',
      { input: [8, 8, 3], classes: 10 },
      '"model" needs an "architecture" or a list of "layers"',
      [],
    ],
    [
      'both architecture and layers',
      { architecture: 'mlp', layers: [dense], input: [8, 8, 3], classes: 10 },
      '"model" has both "architecture" and "layers": keep one of them',
      ['architecture'],
    ],
    [
      'a width with layers',
      { width: 4, layers: [dense], input: [8, 8, 3], classes: 10 },
      '"width" scales a named architecture; a "layers" list has none',
      ['width'],
    ],
  ])('%s', (_, model, message, path) => {
    const error = failure(model);
    expect(error.message).toBe(message);
    expect(error.path).toEqual(path);
  });
});
