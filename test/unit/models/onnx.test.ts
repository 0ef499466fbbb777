/** ONNX files that are sound, that cannot be computed here, and that somebody made to do harm. */
import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/models/model';
import { inspectOnnx, loadOnnx } from '../../../src/core/models/onnx/load';
import { defined } from '../../../src/core/util/defined';
import { UserError } from '../../../src/core/util/errors';
import type { FileSketch, NodeSketch } from './onnx-files';
import { denseFile, onnxFile } from './onnx-files';

const W = { name: 'w', dims: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] };
const B = { name: 'b', dims: [2], values: [0, 0] };
const GEMM: NodeSketch = { type: 'Gemm', name: 'fc', inputs: ['h', 'w'], outputs: ['y'] };

/** What is between the input and a dense layer. */
function before(nodes: readonly NodeSketch[], more: Partial<FileSketch> = {}): Uint8Array {
  return onnxFile({ nodes: [...nodes, GEMM], ...more, tensors: [W, ...(more.tensors ?? [])] });
}

describe('an ONNX file', () => {
  it('of a dense layer becomes one, its weights in rows of outputs', () => {
    const { graph, weights, file } = loadOnnx(denseFile());
    expect(graph.inputShape).toEqual([1, 1, 4]);
    expect(graph.layers).toMatchObject([{ kind: 'dense', name: 'fc', units: 2 }]);
    expect(weights!['fc']!.weights).toEqual(Float32Array.of(1, 3, 5, 7, 2, 4, 6, 8));
    expect(weights!['fc']!.bias).toEqual(Float32Array.of(0.5, -0.5));
    expect(file).toMatchObject({ format: 'ONNX', weightsType: 'float32', inputName: 'x' });
  });

  it('may transpose the weights and scale product and bias', () => {
    const { weights } = loadOnnx(
      denseFile({
        nodes: [
          {
            type: 'Gemm',
            inputs: ['x', 'w', 'b'],
            outputs: ['y'],
            attributes: { transB: 1, alpha: 0.5, beta: 2 },
          },
        ],
        tensors: [
          { ...W, dims: [2, 4] },
          { name: 'b', dims: [2], values: [1, 2] },
        ],
      }),
    );
    const [layer] = Object.values(weights!);
    expect(layer!.weights).toEqual(Float32Array.of(0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4));
    // A whole number is written as one, which is no float: beta is 1 then.
    expect(layer!.bias).toEqual(Float32Array.of(1, 2));
  });

  it('permutes the weights behind an image that is flattened, instead of the image', () => {
    const { graph, weights } = loadOnnx(
      onnxFile({
        input: ['N', 2, 1, 3],
        nodes: [
          { type: 'Flatten', inputs: ['x'], outputs: ['h'] },
          { type: 'Gemm', inputs: ['h', 'w'], outputs: ['y'] },
        ],
        tensors: [{ name: 'w', dims: [6, 1], values: [0, 1, 2, 3, 4, 5] }],
      }),
    );
    expect(graph.inputShape).toEqual([1, 3, 2]);
    expect(Object.values(weights!)[0]!.weights).toEqual(Float32Array.of(0, 3, 1, 4, 2, 5));
  });

  it('leaves no transpose, identity or dropout', () => {
    const { graph } = loadOnnx(
      onnxFile({
        input: [1, 4, 4, 2],
        nodes: [
          { type: 'Transpose', inputs: ['x'], outputs: ['a'], attributes: { perm: [0, 3, 1, 2] } },
          { type: 'Conv', inputs: ['a', 'k'], outputs: ['b'] },
          { type: 'Identity', inputs: ['b'], outputs: ['c'] },
          { type: 'Dropout', inputs: ['c'], outputs: ['d', 'mask'] },
          { type: 'Transpose', inputs: ['d'], outputs: ['y'], attributes: { perm: [0, 2, 3, 1] } },
        ],
        tensors: [{ name: 'k', dims: [3, 2, 3, 3], values: new Float32Array(54) }],
      }),
    );
    expect(graph.inputShape).toEqual([4, 4, 2]);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['conv2d']);
  });

  it('is refused for what is wrong with it, not for the layout that it does not have', () => {
    const sequence = (type: string): Uint8Array =>
      onnxFile({
        input: [1, 2, 8],
        nodes: [
          { type: 'Conv', inputs: ['x', 'k'], outputs: ['a'] },
          { type, name: 'strange', inputs: ['a'], outputs: ['y'] },
        ],
        tensors: [{ name: 'k', dims: [3, 2, 3], values: new Float32Array(18) }],
      });
    expect(loadOnnx(sequence('Relu')).graph.inputShape).toEqual([1, 8, 2]);
    expect(() => loadOnnx(sequence('Cos'))).toThrow(/^Cos "strange" is an operator/);
  });

  it('of several examples at once is refused, of sequences whose batch comes second is not', () => {
    const dense = (input: number[]): Uint8Array =>
      onnxFile({
        input,
        nodes: [
          { type: 'Flatten', inputs: ['x'], outputs: ['h'], attributes: { axis: 1 } },
          { type: 'MatMul', inputs: ['h', 'w'], outputs: ['y'] },
        ],
        tensors: [W],
      });
    expect(() => loadOnnx(dense([8, 1, 2, 2]))).toThrow(/a batch of 8; here .* a batch of 1/);
    expect(() => loadOnnx(dense([8, 2, 2]))).toThrow(/a batch of 8; here .* a batch of 1/);
    expect(loadOnnx(dense([1, 2, 2])).graph.inputShape).toEqual([1, 2, 2]);
    const sequence = {
      input: [8, 1, 4],
      nodes: [{ type: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    };
    expect(loadOnnx(onnxFile({ ...sequence, tensors: [W] })).graph.inputShape).toEqual([8, 1, 4]);
  });

  it('computes shapes while it is read', () => {
    const int = (name: string, values: readonly number[]) =>
      ({ name, dims: [values.length], values, int64: true }) as const;
    const bytes = onnxFile({
      input: ['batch', 2, 2, 1],
      nodes: [
        { type: 'Shape', inputs: ['x'], outputs: ['s'] },
        { type: 'Slice', inputs: ['s', 'zero', 'one'], outputs: ['n'] },
        { type: 'Concat', inputs: ['n', 'rest'], outputs: ['to'], attributes: { axis: 0 } },
        { type: 'Reshape', inputs: ['x', 'to'], outputs: ['h'] },
        GEMM,
      ],
      tensors: [W, int('zero', [0]), int('one', [1]), int('rest', [-1])],
    });
    const { graph } = loadOnnx(bytes);
    expect(graph.layers.at(-1)!.outputShape).toEqual([1, 1, 2]);
  });

  it('adds a constant behind a product to its biases', () => {
    const { graph, weights } = loadOnnx(
      onnxFile({
        nodes: [
          { type: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] },
          { type: 'Add', inputs: ['b', 'h'], outputs: ['y'] },
        ],
        tensors: [W, { name: 'b', dims: [2], values: [3, 4] }],
      }),
    );
    expect(graph.layers).toHaveLength(1);
    expect(Object.values(weights!)[0]!.bias).toEqual(Float32Array.of(3, 4));
  });

  it.each([
    ['ReduceMean', 'reduceMean', [1], ['channels'], [2, 4, 1]],
    ['ReduceMax', 'reduceMax', [1], ['channels'], [2, 4, 1]],
    ['ReduceMean', 'reduceMean', [1, 3], ['width', 'channels'], [2, 1, 1]],
  ] as const)('reduces channels: %s', (type, kind, axes, ours, outputShape) => {
    const { graph } = loadOnnx(
      onnxFile({
        input: [1, 3, 2, 4],
        nodes: [{ type, inputs: ['x'], outputs: ['y'], attributes: { axes, keepdims: 1 } }],
        opset: 12,
      }),
    );
    expect(graph.layers).toMatchObject([{ kind, axes: ours, outputShape }]);
  });

  const argMax = (
    attributes: Record<string, number>,
    behind: readonly NodeSketch[] = [],
  ): LoadedModel =>
    loadOnnx(
      denseFile({
        nodes: [
          { type: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['h'] },
          { type: 'ArgMax', name: 'top', inputs: ['h'], outputs: ['y'], attributes },
          ...behind,
        ],
        ...defined({ outputs: behind.length > 0 ? ['z'] : undefined }),
      }),
    );

  it.each([0, 1])('ends in the index of the largest, keepdims %i', (keepdims) => {
    const { graph } = argMax({ axis: 1, keepdims });
    expect(graph.layers).toMatchObject([
      { kind: 'dense' },
      { kind: 'argmax', outputShape: [1, 1, 1] },
    ]);
  });

  it('leaves the type of an index to the header', () => {
    const behind = [{ type: 'Cast', inputs: ['y'], outputs: ['z'], attributes: { to: 6 } }];
    const { graph } = argMax({ axis: 1 }, behind);
    expect(graph.layers.map(({ kind }) => kind)).toEqual(['dense', 'argmax']);
  });

  it('refuses the last of several largest, and whatever reads an index', () => {
    expect(() => argMax({ axis: 1, select_last_index: 1 })).toThrow(
      /ArgMax "top".*takes the last of several largest/,
    );
    const behind = [{ type: 'Relu', inputs: ['y'], outputs: ['z'] }];
    expect(() => argMax({ axis: 1 }, behind)).toThrow(
      /ArgMax "top".*argmax is supported at the network's end only/,
    );
  });

  it('leaves out what no output needs, supported or not', () => {
    const { graph } = loadOnnx(
      denseFile({
        nodes: [
          { type: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'] },
          { type: 'NonZero', inputs: ['y'], outputs: ['unused'] },
        ],
      }),
    );
    expect(graph.layers).toHaveLength(1);
  });

  it('tells what it holds, supported or not', () => {
    const facts = inspectOnnx(
      before(
        [
          { type: 'Mystery', inputs: ['x'], outputs: ['a'] },
          { type: 'Relu', inputs: ['a'], outputs: ['b'] },
          { type: 'Relu', inputs: ['b'], outputs: ['h'] },
        ],
        { input: ['N', 4], metadata: { names: "{0: 'cat', 1: 'dog'}" } },
      ),
    );
    expect(facts).toMatchObject({
      format: 'ONNX',
      operators: [
        { name: 'Relu', count: 2 },
        { name: 'Gemm', count: 1 },
        { name: 'Mystery', count: 1, unsupported: true },
      ],
      parameters: 8,
      inputShape: [-1, 4],
      classNames: ['cat', 'dog'],
    });
  });
});

describe('what cannot be computed here names operator and node', () => {
  const attention: NodeSketch = { type: 'MatMul', name: 'qk', inputs: ['x', 'x'], outputs: ['h'] };
  it.each<[string, Uint8Array, RegExp]>([
    [
      'an unknown operator',
      before([{ type: 'Mystery', name: 'm', inputs: ['x'], outputs: ['h'] }]),
      /^Mystery "m" is an operator that is not supported/,
    ],
    [
      'one of another domain',
      before([{ type: 'Relu', domain: 'mine', name: 'm', inputs: ['x'], outputs: ['h'] }]),
      /^Relu "m" is an operator that is not supported/,
    ],
    [
      'a loop',
      before([{ type: 'Loop', name: 'l', inputs: ['x'], outputs: ['h'], subgraph: true }]),
      /^Loop "l".*write the steps out/,
    ],
    [
      'a branch',
      before([{ type: 'If', inputs: ['x'], outputs: ['h'], subgraph: true }]),
      /^If \(operator 0\).*fixed shapes/,
    ],
    ['attention', before([attention]), /^MatMul "qk" multiplies two tensors/],
    [
      'integer convolution',
      before([{ type: 'ConvInteger', name: 'c', inputs: ['x', 'w'], outputs: ['h'] }]),
      /^ConvInteger "c".*Import the float network/,
    ],
    ['an old opset', denseFile({ opset: 9 }), /opset 9; 11 and newer/],
    [
      'two inputs',
      onnxFile({
        inputs: ['x', 'z'],
        nodes: [{ type: 'Add', inputs: ['x', 'z'], outputs: ['y'] }],
      }),
      /2 inputs, "x", "z"/,
    ],
    ['an open size', denseFile({ input: ['N', 'features'] }), /dimension 1 open/],
    ['a batch', denseFile({ input: [8, 2, 2, 4] }), /a batch of 8; here/],
  ])('%s', (_, bytes, message) => {
    expect(() => loadOnnx(bytes)).toThrow(UserError);
    expect(() => loadOnnx(bytes)).toThrow(message);
  });
});

describe('a damaged or hostile file gives one clear message', () => {
  it('wherever it is cut off', () => {
    const bytes = denseFile();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => loadOnnx(bytes.subarray(0, length)), `${length} bytes`).toThrow(UserError);
    }
    expect(() => loadOnnx(Buffer.from('PK\u0003\u0004 no ONNX file at all'))).toThrow(
      /no ONNX file/,
    );
  });

  const huge = { name: 'w', dims: [2 ** 31, 2 ** 31] };
  const relu = (from: string, to: string): NodeSketch => ({
    type: 'Relu',
    inputs: [from],
    outputs: [to],
  });
  it.each<[string, Uint8Array, RegExp]>([
    ['a cycle', before([relu('b', 'a'), relu('a', 'b'), relu('a', 'h')]), /its own output/],
    [
      'what nothing writes',
      before([relu('nowhere', 'h')]),
      /reads "nowhere", which nothing writes/,
    ],
    ['what two write', before([relu('x', 'h'), relu('x', 'h')]), /which something else writes too/],
    ['an output of nobody', denseFile({ outputs: ['z'] }), /output "z" is written by no operator/],
    [
      'weights of another size',
      denseFile({ tensors: [{ ...W, dims: [4, 3] }, B] }),
      /12 values.* but has 8/,
    ],
    [
      'weights for another input',
      denseFile({ input: [1, 5] }),
      /"fc" multiplies a tensor of shape \[1, 5\]/,
    ],
    [
      'weights of negative size',
      denseFile({ tensors: [{ ...W, dims: [-4, -2] }, B] }),
      /damaged or too large/,
    ],
    ['a huge tensor', denseFile({ tensors: [huge, B] }), /damaged or too large/],
    ['a huge input', denseFile({ input: [1, 2 ** 40] }), /too large/],
    [
      'a constant that is made huge',
      before(
        [
          { type: 'ConstantOfShape', name: 'c', inputs: ['s'], outputs: ['c'] },
          { type: 'Add', inputs: ['x', 'c'], outputs: ['h'] },
        ],
        {
          tensors: [{ name: 's', dims: [2], values: [2 ** 20, 2 ** 20], int64: true }],
        },
      ),
      /ConstantOfShape "c" has shape/,
    ],
    [
      'many large constants',
      onnxFile({
        nodes: [
          ...Array.from({ length: 40 }, (_, i) => ({
            type: 'ConstantOfShape',
            inputs: ['s'],
            outputs: [`c${i}`],
          })),
          {
            type: 'Concat',
            inputs: Array.from({ length: 40 }, (_, i) => `c${i}`),
            outputs: ['y'],
            attributes: { axis: 0 },
          },
          relu('x', 'unused'),
        ],
        tensors: [{ name: 's', dims: [1], values: [2 ** 21], int64: true }],
      }),
      /the file is too large/,
    ],
    [
      'an axis that is none',
      before([{ type: 'Unsqueeze', name: 'u', inputs: ['x', 'a'], outputs: ['h'] }], {
        tensors: [{ name: 'a', dims: [1], values: [9], int64: true }],
      }),
      /"u" names axis 9/,
    ],
    [
      'a file elsewhere',
      denseFile({
        tensors: [{ name: 'w', dims: [4, 2], external: { location: '../../etc/passwd' } }, B],
      }),
      /lie in the file "\.\.\/\.\.\/etc\/passwd"/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => loadOnnx(bytes)).toThrow(UserError);
    expect(() => loadOnnx(bytes)).toThrow(message);
  });

  it('where the values beside it are too few', () => {
    const external = { location: 'w.data', offset: '8', length: '32' };
    const bytes = denseFile({
      tensors: [
        { name: 'w', dims: [4, 2], external },
        { name: 'b', dims: [2], values: [0, 0] },
      ],
    });
    const data = new Uint8Array(40);
    expect(loadOnnx(bytes, () => data).graph.layers).toHaveLength(1);
    expect(() => loadOnnx(bytes, () => data.subarray(1))).toThrow(
      /"w" should be 32 bytes of "w.data" from 8 on/,
    );
    expect(() => loadOnnx(bytes)).toThrow(/external_data=False/);
  });

  it('of very many operators in a row, in little time', () => {
    const nodes = Array.from({ length: 20_000 }, (_, i): NodeSketch => ({
      type: 'Relu',
      inputs: [i === 0 ? 'x' : `r${i - 1}`],
      outputs: [i === 19_999 ? 'h' : `r${i}`],
    }));
    expect(loadOnnx(before(nodes)).graph.layers.length).toBeGreaterThan(0);
  });
});
