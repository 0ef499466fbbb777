/** What a file's operators become: layers with names of their own, joined where that changes nothing. */
import { describe, expect, it } from 'vitest';
import { INPUT, isWeighted, sumCount, weightCount } from '../../../src/core/graph/graph';
import type { FileFacts } from '../../../src/core/models/model';
import { NetworkBuilder } from '../../../src/core/models/network-builder';
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import { layerType } from '../../../src/core/ops/graph-ops';
import { elements, type Shape } from '../../../src/core/ops/shape';
import { createExecutor } from '../../../src/core/quant/executor';
import { createFastExecutor } from '../../../src/core/quant/fast-executor';
import { tensorOf, weightsOf } from '../../../src/core/quant/model';
import { quantizeModel } from '../../../src/core/quant/quantize-model';
import { createRandom } from '../../../src/core/util/random';

const FACTS: FileFacts = { format: 'test', operators: [], weightsType: 'float32', notes: [] };
const CONV: LayerConfig = { type: 'conv2d', filters: 2, kernel: 1, batchNorm: false };

function floats(...values: number[]): Float32Array {
  return Float32Array.from(values);
}

function conv(net: NetworkBuilder, input: string, wanted = 'conv'): string {
  return net.add({
    ...{ config: CONV, wanted, inputs: [input], where: 'Operator 0 (CONV)' },
    weights: { weights: floats(1, 2), bias: floats(3, -4) },
  });
}

function norm(net: NetworkBuilder, input: string, epsilon = 1e-3): string {
  return net.batchNorm({
    ...{ input, epsilon, wanted: 'bn', where: 'Operator 1 (BatchNorm)' },
    ...{ gamma: floats(2, 5), beta: floats(0.5, 0), mean: floats(1, 1), variance: floats(4, 0) },
  });
}

function relu(net: NetworkBuilder, input: string): string {
  return net.activation({ input, clamp: 'relu', wanted: 'act', where: 'Operator 2 (Relu)' });
}

describe('the network builder', () => {
  it('joins batch norm and ReLU to the convolution before them and keeps the weights apart', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const end = relu(net, norm(net, conv(net, INPUT)));
    const { graph, weights, batchNorm } = net.finish([end], FACTS);
    expect(graph.layers).toMatchObject([
      { kind: 'conv2d', name: 'conv', inputs: [INPUT], batchNorm: true, activation: 'relu' },
    ]);
    expect(graph.outputs).toBeUndefined();
    expect(weights?.['conv']).toEqual({ weights: floats(1, 2), bias: floats(0, 0) });
    // The bias went into the mean: norm(x + b) = γ·(x − (mean − b))/σ + β.
    expect(batchNorm?.['conv']).toEqual({
      ...{ gamma: floats(2, 5), beta: floats(0.5, 0) },
      ...{ mean: floats(-2, 5), variance: floats(4, 0) },
    });
  });

  it("turns another epsilon into this project's without a change of what is computed", () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const { batchNorm } = net.finish([norm(net, conv(net, INPUT), 1e-5)], FACTS);
    const { gamma, variance } = batchNorm!['conv']!;
    expect(variance[0]).toBeCloseTo(4 + 1e-5 - 1e-3, 6);
    expect(gamma[0]).toBe(2);
    // Without any variance the smaller epsilon cannot be had by a variance.
    expect(variance[1]).toBe(0);
    expect(gamma[1]! / Math.sqrt(1e-3)).toBeCloseTo(5 / Math.sqrt(1e-5), 2);
  });

  it('leaves a ReLU alone where others read what it clamps', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const a = conv(net, INPUT);
    const b = relu(net, a);
    const sum = net.add({ config: { type: 'add' }, wanted: 'sum', inputs: [a, b], where: 'x' });
    const { graph } = net.finish([sum], FACTS);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['conv2d', 'activation', 'add']);
  });

  it('makes a layer of a batch norm that has nowhere to go, which takes a ReLU behind it', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const end = relu(net, norm(net, relu(net, conv(net, INPUT))));
    const { graph, weights, batchNorm } = net.finish([end], FACTS);
    expect(graph.layers).toMatchObject([
      { kind: 'conv2d', activation: 'relu', batchNorm: false },
      { kind: 'depthwiseConv2d', kernel: [1, 1], activation: 'relu', batchNorm: true },
    ]);
    const name = graph.layers[1]!.name;
    expect(weights?.[name]?.weights).toEqual(Float32Array.of(1, 1));
    expect(batchNorm?.[name]?.gamma).toHaveLength(2);
  });

  it('leaves what others read too as it was before batch norm', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const a = conv(net, INPUT);
    const { graph } = net.finish([norm(net, a), a], FACTS);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['conv2d', 'depthwiseConv2d']);
  });

  it('joins no batch norm to a recurrent layer, whose sums it does not follow', () => {
    const net = new NetworkBuilder([1, 3, 1]);
    const lstm = net.add({
      config: { type: 'lstm', units: 2 },
      wanted: 'lstm',
      inputs: [INPUT],
      where: 'x',
      weights: { weights: new Float32Array(24), bias: new Float32Array(16) },
    });
    const { graph } = net.finish([norm(net, lstm)], FACTS);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['lstm', 'depthwiseConv2d']);
  });

  it('makes names that C and the config take, each once', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const names = [
      'Model/Conv-1:0',
      'model conv 1_0',
      '',
      '7',
      'input',
      'constructor',
      'x'.repeat(99),
    ];
    const made = names.map((wanted) => conv(net, INPUT, wanted));
    expect(made).toEqual([
      ...['model_conv_1_0', 'model_conv_1_0_2', 'layer', 'layer_2'],
      ...['input_layer', 'constructor_layer', 'x'.repeat(40)],
    ]);
  });

  it('gives several outputs by the names of their layers, and leaves out what none needs', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const a = conv(net, INPUT, 'a');
    const b = relu(net, conv(net, INPUT, 'b'));
    conv(net, INPUT, 'useless');
    const { graph, file } = net.finish([a, b, a], FACTS);
    expect(graph.layers.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(graph.outputs).toEqual(['a', 'b']);
    expect(file?.notes).toEqual(['1 operators on which no output depends were left out.']);
  });

  it('says which operator does not fit', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const add = (config: LayerConfig, inputs: string[]): string =>
      net.add({ config, wanted: 'x', inputs, where: 'Operator 9 (X)' });
    expect(() => add({ ...CONV, filters: 0 }, [INPUT])).toThrow('Operator 9 (X): its filters 0 is');
    expect(() => add(CONV, [INPUT])).toThrow('Operator 9 (X): its weights are not constants.');
    expect(() => add({ type: 'add' }, [INPUT])).toThrow('Operator 9 (X) reads 1 tensors; 2 are');
    expect(() =>
      net.add({
        ...{ config: { type: 'softmax' }, wanted: 'x', inputs: [INPUT], where: 'Operator 9 (X)' },
        outputShape: [1, 1, 4],
      }),
    ).toThrow('Operator 9 (X): its output should have shape 2×2×1, not 1×1×4.');
    expect(() => net.finish([INPUT], FACTS)).toThrow('An output of the network is its input');
  });

  it.each([NaN, Infinity, -Infinity])('refuses numbers that are none: %s', (wrong) => {
    const layer = { config: CONV, wanted: 'x', inputs: [INPUT], where: 'Operator 3 (CONV)' };
    const net = new NetworkBuilder([2, 2, 1]);
    const whole = { weights: floats(1, 2), bias: floats(3, 4) };
    expect(() => net.add({ ...layer, weights: { ...whole, weights: floats(1, wrong) } })).toThrow(
      `Operator 3 (CONV): its weights contain ${wrong}: the training`,
    );
    expect(() => net.add({ ...layer, weights: { ...whole, bias: floats(wrong, 1) } })).toThrow(
      `Operator 3 (CONV): its biases contain ${wrong}`,
    );
    expect(() =>
      net.batchNorm({
        ...{ input: conv(net, INPUT), epsilon: 1e-3, wanted: 'bn', where: 'Operator 4 (BN)' },
        ...{ gamma: floats(1, 1), beta: floats(0, 0) },
        ...{ mean: floats(0, 0), variance: floats(1, wrong) },
      }),
    ).toThrow(`Operator 4 (BN): its variance contains ${wrong}`);
  });

  it('checks the quantisation of an int8 network as a whole', () => {
    const quantization = { output: { scale: 0.5, zeroPoint: 0 } };
    const net = new NetworkBuilder([2, 2, 1], { scale: 1, zeroPoint: 3 });
    const end = net.add({
      ...{ config: CONV, wanted: 'conv', inputs: [INPUT], where: 'x' },
      weights: { weights: floats(1, 2), bias: floats(0, 0) },
      quantization: {
        ...quantization,
        weights: {
          weights: Int8Array.of(1, 2),
          weightScales: Float64Array.of(1, 1),
          bias: Int32Array.of(0, 0),
          multiplier: Int32Array.of(1 << 30, 1 << 30),
          shift: Int32Array.of(1, 1),
        },
      },
    });
    const clampIn = (output: { scale: number; zeroPoint: number }): string =>
      net.activation({
        ...{ input: end, clamp: 'relu', wanted: 'act', where: 'x', quantization: { output } },
      });
    const same = net.finish([clampIn(quantization.output)], FACTS);
    expect(same.graph.layers).toHaveLength(1);
    expect(same.quantization?.tensors).toEqual({
      ...{ input: { scale: 1, zeroPoint: 3 }, conv: quantization.output },
    });
    // Another scale behind the clamp: it must not join, and no clamp by itself changes scales.
    expect(() => net.finish([clampIn({ scale: 0.25, zeroPoint: 0 })], FACTS)).toThrow(
      "Layer 'act_2' must have the quantisation of its input.",
    );
  });
});

describe('what a network does to its input first', () => {
  const byConstant = (
    net: NetworkBuilder,
    input: string,
    [type, ...values]: readonly ['add' | 'sub' | 'mul', ...number[]],
    more: { readonly reversed?: true; readonly activation?: 'relu' } = {},
  ): string =>
    net.add({
      ...{ config: { type, constant: 'scalar', ...more }, wanted: type, inputs: [input] },
      ...{ where: `Operator 0 (${type})`, constants: { operand: floats(...values) } },
    });

  it('is left out of it, and what is to be done in its place is said', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const scaled = byConstant(net, INPUT, ['mul', 1 / 64]);
    const shifted = byConstant(net, byConstant(net, scaled, ['sub', 2]), ['add', 1]);
    const { graph, file, constants } = net.finish([relu(net, conv(net, shifted))], FACTS);
    expect(graph.layers).toMatchObject([{ kind: 'conv2d', inputs: [INPUT], activation: 'relu' }]);
    expect(constants).toBeUndefined();
    expect(file?.normalization).toMatchObject({ mean: [64], std: [64] });
    expect(file?.normalization?.from).toMatch(/^Operator 0 \(mul\), which is left out/);
  });

  it('comes behind what was done to the examples before, and may be a batch norm', () => {
    const net = new NetworkBuilder([2, 2, 2]);
    const end = net.add({
      ...{ config: CONV, wanted: 'conv', inputs: [norm(net, INPUT)], where: 'Operator 0 (CONV)' },
      weights: { weights: floats(1, 2, 3, 4), bias: floats(0, 0) },
    });
    const said = { mean: [100], std: [10], from: 'the metadata' };
    const { file } = net.finish([end], { ...FACTS, normalization: said });
    // 2·(y − 1)/√4.001 + ½ of y = (x − 100)/10, and 5·(y − 1)/√0.001.
    const [mean, std] = [file!.normalization!.mean, file!.normalization!.std];
    expect(mean[0]).toBeCloseTo(100 + 10 * (1 - 0.25 * Math.sqrt(4.001)), 4);
    expect(std[0]).toBeCloseTo(5 * Math.sqrt(4.001), 4);
    expect(mean[1]).toBeCloseTo(110, 4);
    expect(std[1]).toBeCloseTo(2 * Math.sqrt(0.001), 4);
  });

  it.each<[string, (net: NetworkBuilder) => string[]]>([
    ['turns the input round', (net) => [conv(net, byConstant(net, INPUT, ['mul', -1]))]],
    [
      'takes the input from a constant',
      (net) => [conv(net, byConstant(net, INPUT, ['sub', 1], { reversed: true }))],
    ],
    ['clamps it', (net) => [conv(net, byConstant(net, INPUT, ['add', 1], { activation: 'relu' }))]],
    [
      'is not all that reads the input',
      (net) => [conv(net, byConstant(net, INPUT, ['add', 1])), conv(net, INPUT)],
    ],
    [
      'is an output, too',
      (net) => {
        const sum = byConstant(net, INPUT, ['add', 1]);
        return [conv(net, sum), sum];
      },
    ],
  ])('stays where it %s', (_, make) => {
    const net = new NetworkBuilder([2, 2, 1]);
    const { graph, file } = net.finish(make(net), FACTS);
    expect(graph.layers.length).toBeGreaterThan(1);
    expect(file).not.toHaveProperty('normalization');
  });
});

describe('an activation that a file spells out', () => {
  const scalar = (type: 'add' | 'mul', number: number) => (net: NetworkBuilder, input: string) =>
    net.add({
      ...{ config: { type, constant: 'scalar' }, wanted: type, inputs: [input] },
      ...{ where: 'Operator 2', constants: { operand: floats(number) } },
    });
  const clamp = (net: NetworkBuilder, input: string, to: 'relu' | 'relu6'): string =>
    net.activation({ input, clamp: to, wanted: to, where: 'Operator 3' });
  const both = (net: NetworkBuilder, type: 'add' | 'mul', a: string, b: string): string =>
    net.add({ config: { type }, wanted: `${type}_both`, inputs: [a, b], where: 'Operator 4' });
  const shifted = (net: NetworkBuilder, x: string): string =>
    clamp(net, scalar('add', 3)(net, x), 'relu6');
  const unit = (net: NetworkBuilder, x: string): string =>
    net.add({
      ...{ config: { type: 'clip', min: 0, max: 1 }, wanted: 'clip', inputs: [x] },
      where: 'Operator 5',
    });

  const hardSwishes: Record<string, (net: NetworkBuilder, x: string) => string> = {
    'x · (relu6(x + 3) ÷ 6)': (net, x) =>
      both(net, 'mul', x, scalar('mul', 1 / 6)(net, shifted(net, x))),
    '(x/6 + 1/2 within 0 and 1) · x': (net, x) =>
      both(net, 'mul', unit(net, scalar('add', 0.5)(net, scalar('mul', 1 / 6)(net, x))), x),
    'x ÷ 6 · relu6(x + 3)': (net, x) =>
      both(net, 'mul', scalar('mul', 1 / 6)(net, x), shifted(net, x)),
    '(x · relu6(x + 3)) ÷ 6': (net, x) =>
      scalar('mul', 1 / 6)(net, both(net, 'mul', shifted(net, x), x)),
  };
  for (const [spelling, make] of Object.entries(hardSwishes)) {
    it(`is one layer: hard swish as ${spelling}`, () => {
      const net = new NetworkBuilder([2, 2, 1]);
      const end = make(net, conv(net, INPUT));
      const { graph } = net.finish([end], FACTS);
      expect(graph.layers.map(({ kind }) => kind)).toEqual(['conv2d', 'hardSwish']);
    });
  }

  it('is one layer: PReLU as relu(x) − α·relu(−x)', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const x = conv(net, INPUT);
    const negative = scalar('mul', -0.25)(net, clamp(net, scalar('mul', -1)(net, x), 'relu'));
    const end = both(net, 'add', clamp(net, x, 'relu'), negative);
    const { graph, constants } = net.finish([end], FACTS);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['conv2d', 'prelu']);
    expect(Object.values(constants ?? {})).toEqual([{ operand: floats(0.25) }]);
  });

  it('is none where what is gated is another tensor, or a part of it is read elsewhere', () => {
    const net = new NetworkBuilder([2, 2, 1]);
    const [x, y] = [conv(net, INPUT, 'x'), conv(net, INPUT, 'y')];
    const gate = scalar('mul', 1 / 6)(net, shifted(net, x));
    const gated = net.finish([both(net, 'mul', y, gate)], FACTS);
    expect(gated.graph.layers.map(({ kind }) => kind)).not.toContain('hardSwish');
    const swished = net.finish([both(net, 'mul', x, gate), gate], FACTS);
    expect(swished.graph.layers.map(({ kind }) => kind).toSorted()).toEqual(
      ['add', 'conv2d', 'hardSwish', 'mul'].toSorted(),
    );
  });
});

describe('a kernel of a file that reaches beyond its input', () => {
  const SIZES: readonly Shape[] = [
    [1, 9, 4],
    [2, 1, 2],
    [1, 1, 4],
    [3, 2, 2],
  ];
  const random = createRandom(17);
  const some = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.normal());

  const WINDOWS: readonly LayerConfig[] = [
    { type: 'conv2d', filters: 6, kernel: [5, 7], padding: 'same' },
    { type: 'conv2d', filters: 6, kernel: 5, padding: [4, 2, 3, 4], groups: 2 },
    { type: 'conv2d', filters: 6, kernel: 3, padding: 'causal', dilation: 3 },
    { type: 'depthwiseConv2d', kernel: 5, padding: 'same', stride: 2 },
    { type: 'depthwiseConv2d', kernel: [4, 5], padding: [2, 3, 1, 4], multiplier: 2 },
  ];

  /** The layer as the file has it, and as it is read. */
  function both(config: LayerConfig, input: Shape) {
    const named = { ...config, batchNorm: false };
    const place = { name: 'conv', inputs: [INPUT], inputShape: input };
    const fail = (message: string): never => {
      throw new Error(message);
    };
    const whole = layerType(named).op.layer(named, place, [input], fail);
    if (!isWeighted(whole)) throw new Error('it has no weights');
    const weights = { weights: some(weightCount(whole)), bias: some(sumCount(whole)) };
    const tensors = {
      [INPUT]: { scale: 0.05, zeroPoint: 11 },
      conv: { scale: 0.3, zeroPoint: -7 },
    };
    const expected = quantizeModel({
      graph: { inputShape: input, layers: [whole] },
      tensors,
      layers: { conv: weights },
    });
    const net = new NetworkBuilder(input, tensors[INPUT]);
    const end = net.add({
      ...{ config: named, wanted: 'conv', inputs: [INPUT], where: 'Operator 0 (CONV)', weights },
      quantization: { output: tensorOf(expected, 'conv'), weights: weightsOf(expected, 'conv') },
    });
    return { whole, weights, expected, read: net.finish([end], FACTS) };
  }

  it.each(WINDOWS.map((config) => [JSON.stringify(config), config] as const))(
    'of %s gives the same without what never meets it',
    (_, config) => {
      let smaller = 0;
      for (const size of SIZES) {
        const { whole, expected, read } = both(config, size);
        const [layer] = read.graph.layers;
        if (layer === undefined || !isWeighted(layer)) throw new Error('it has no weights');
        const cut = weightCount(layer) < weightCount(whole);
        if (cut) smaller++;
        expect(read.file!.notes.length).toBe(cut ? 1 : 0);
        const model = { graph: read.graph, ...read.quantization! };
        const [slow, fast, before] = [
          createExecutor(model),
          createFastExecutor(model),
          createExecutor(expected),
        ];
        for (let round = 0; round < 4; round++) {
          const codes = Int8Array.from({ length: elements(size) }, () => random.int(256) - 128);
          expect(slow.run(codes)).toEqual(before.run(codes));
          expect(fast.run(codes)).toEqual(before.run(codes));
        }
        // The float weights are those that the codes are of.
        const { weights } = weightsOf(model, 'conv');
        const again = quantizeModel({
          graph: read.graph,
          tensors: expected.tensors,
          layers: {
            conv: {
              ...read.weights!['conv']!,
              weightScales: weightsOf(expected, 'conv').weightScales,
            },
          },
        });
        expect(weightsOf(again, 'conv').weights).toEqual(weights);
      }
      expect(smaller).toBeGreaterThan(1);
    },
  );

  it('is told with the operator', () => {
    const { read } = both(WINDOWS[0]!, [1, 9, 4]);
    expect(read.file!.notes).toEqual([
      'Operator 0 (CONV): of its 840 weights only 168 can ever meet an input of 1×9; the others are left out, which changes no output.',
    ]);
  });
});
