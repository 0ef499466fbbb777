/** What .tflite files may hold besides plain networks, and what is said of those that cannot be read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/models/model';
import { inspectTflite, loadTflite } from '../../../src/core/models/tflite/tflite';
import { createExecutor } from '../../../src/core/quant/executor';
import { UserError } from '../../../src/core/util/errors';
import type { FileText, OperatorText, Table, TensorText } from './tflite-writer';
import { flatbuffer, tfliteFile } from './tflite-writer';

const FIXTURES = join(import.meta.dirname, '../../fixtures/models');
const CODES = { scales: [0.5], zeroPoints: [0] };
const FLOAT = { type: 'float32' } as const;
const NONE = -1;

function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
function ints(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}
function longs(...values: number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

/** A network of one dense layer of two inputs and one output. */
function dense(
  weights: Partial<TensorText>,
  bias?: TensorText,
  more: Partial<FileText> = {},
): Uint8Array {
  return tfliteFile({
    tensors: [
      { shape: [1, 2], ...CODES },
      { shape: [1, 2], data: [3, 256 - 4], scales: [0.25], ...weights },
      bias ?? { shape: [1], type: 'int32', data: ints(8) },
      { shape: [1, 1], ...CODES },
    ],
    operators: [
      { name: 'FULLY_CONNECTED', inputs: [0, 1, bias?.shape[0] === 0 ? NONE : 2], outputs: [3] },
    ],
    outputs: [3],
    ...more,
  });
}

/** A float network of one tensor after the other, with constants behind them. */
function chain(
  shapes: readonly (readonly number[])[],
  operators: readonly OperatorText[],
  constants: readonly TensorText[] = [],
): Uint8Array {
  const tensors = [...shapes.map((shape): TensorText => ({ shape, ...FLOAT })), ...constants];
  return tfliteFile({ tensors, operators, outputs: [shapes.length - 1] });
}

function run({ graph, quantization }: LoadedModel, ...input: number[]): number[] {
  return [...createExecutor({ graph, ...quantization! }).run(Int8Array.from(input))];
}

/** All of so many rows, of each the cells of these numbers: as int32 and as uint8. */
function dimensions(
  rows: number,
  segments: readonly number[],
  indices: readonly number[],
): readonly Table[] {
  return [
    { 1: { int32: rows } },
    {
      0: { int8: 1 },
      2: { int8: 1 },
      3: { table: { 0: { int32s: segments } } },
      4: { int8: 3 },
      5: { table: { 0: { bytes: indices } } },
    },
  ];
}

function byRows(rows: number, segments: readonly number[], indices: readonly number[]): Table {
  return { 0: { int32s: [0, 1] }, 2: { tables: dimensions(rows, segments, indices) } };
}

describe('weights and biases of TFLite files', () => {
  it('are codes and, for training, the numbers that they stand for', () => {
    const model = loadTflite(dense({}));
    // (2·3 + 6·4 + 8)·0.5·0.25 ÷ 0.5
    expect(run(model, 2, -6)).toEqual([10]);
    const [layer] = model.graph.layers;
    expect(model.weights?.[layer!.name]).toEqual({
      weights: Float32Array.of(0.75, -1),
      bias: Float32Array.of(1),
    });
  });

  it('may lack a bias, or have one of 64 bits', () => {
    expect(run(loadTflite(dense({}, { shape: [0], type: 'int32' })), 2, -6)).toEqual([8]);
    const wide: TensorText = { shape: [1], type: 'int64', data: longs(-8) };
    expect(run(loadTflite(dense({}, wide)), 2, -6)).toEqual([6]);
    expect(() => loadTflite(dense({}, { ...wide, data: longs(2 ** 40) }))).toThrow(
      'Operator 0 (FULLY_CONNECTED): its bias 1099511627776 is beyond int32.',
    );
  });

  it('are refused where they are none that could be stored', () => {
    expect(() => loadTflite(dense({ data: [0, 128] }))).toThrow(
      /^Operator 0 \(FULLY_CONNECTED\): its weights contain -128\..*convert the network again/,
    );
    expect(() => loadTflite(dense({ zeroPoints: [1] }))).toThrow(/must be symmetric/);
    expect(() => loadTflite(dense({ scales: [1, 2], dimension: 1 }))).toThrow(/must be symmetric/);
    expect(() => loadTflite(dense({ data: [1] }))).toThrow(/must be 2 int8 constants/);
  });

  it('may be stored without their zeros, at once or unpacked by DENSIFY', () => {
    const sizes: TensorText[] = [
      { shape: [1, 3], ...CODES },
      { shape: [1, 2], ...CODES },
    ];
    // 0 5 0, 7 0 −3
    const stored: TensorText = {
      ...{ shape: [2, 3], ...CODES, data: [5, 7, 253] },
      sparse: byRows(2, [0, 1, 3], [1, 0, 2]),
    };
    const layer = { name: 'FULLY_CONNECTED', outputs: [1] };
    const plain = loadTflite(
      tfliteFile({
        tensors: [...sizes, { shape: [2, 3], ...CODES, data: [0, 5, 0, 7, 0, 253] }],
        operators: [{ ...layer, inputs: [0, 2, NONE] }],
        outputs: [1],
      }),
    );
    const sparse = loadTflite(
      tfliteFile({
        tensors: [...sizes, stored],
        operators: [{ ...layer, inputs: [0, 2, NONE] }],
        outputs: [1],
      }),
    );
    const unpacked = loadTflite(
      tfliteFile({
        tensors: [...sizes, stored, { shape: [2, 3], ...CODES }],
        operators: [
          { name: 'DENSIFY', inputs: [2], outputs: [3] },
          { ...layer, inputs: [0, 3, NONE] },
        ],
        outputs: [1],
      }),
    );
    expect(sparse.quantization?.layers).toEqual(plain.quantization?.layers);
    expect(unpacked.quantization?.layers).toEqual(plain.quantization?.layers);
  });

  it('may be stored in blocks, of which some are left out', () => {
    // Blocks of one row and two columns: 1 2 0 0, 0 0 3 4
    const model = loadTflite(
      tfliteFile({
        tensors: [
          { shape: [1, 4], ...FLOAT },
          { shape: [1, 2], ...FLOAT },
          {
            ...{ shape: [2, 4], ...FLOAT, data: floats(1, 2, 3, 4) },
            sparse: {
              0: { int32s: [0, 1, 2] },
              1: { int32s: [1] },
              2: { tables: [...dimensions(2, [0, 1, 2], [0, 1]), { 1: { int32: 2 } }] },
            },
          },
        ],
        operators: [{ name: 'FULLY_CONNECTED', inputs: [0, 2, NONE], outputs: [1] }],
        outputs: [1],
      }),
    );
    const [weights] = Object.values(model.weights ?? {});
    expect([...weights!.weights]).toEqual([1, 2, 0, 0, 0, 0, 3, 4]);
  });

  it('may be of dynamic range: int8 where everything else is float', () => {
    const model = loadTflite(
      chain(
        [
          [1, 2],
          [1, 1],
        ],
        [{ name: 'FULLY_CONNECTED', inputs: [0, 2, NONE], outputs: [1] }],
        [{ shape: [1, 2], data: [3, 252], scales: [0.25] }],
      ),
    );
    expect(model.quantization).toBeUndefined();
    expect(Object.values(model.weights!)).toEqual([
      { weights: Float32Array.of(0.75, -1), bias: Float32Array.of(0) },
    ]);
    expect(model.file).toMatchObject({ weightsType: 'dynamic', parameters: 2 });
  });

  it('of several rows are a convolution of them', () => {
    const keep = { 2: { int8: 1 } };
    const bytes = chain(
      [
        [1, 5, 2],
        [1, 5, 3],
      ],
      [{ name: 'FULLY_CONNECTED', inputs: [0, 2, NONE], outputs: [1], options: keep }],
      [{ shape: [3, 2], ...FLOAT, data: floats(1, 2, 3, 4, 5, 6) }],
    );
    expect(loadTflite(bytes).graph.layers).toMatchObject([
      { kind: 'conv2d', kernel: [1, 1], outputShape: [1, 5, 3] },
    ]);
    const flat = chain(
      [
        [1, 5, 2],
        [5, 2],
        [5, 3],
      ],
      [
        { name: 'RESHAPE', inputs: [0], outputs: [1] },
        { name: 'FULLY_CONNECTED', inputs: [1, 3, NONE], outputs: [2] },
      ],
      [{ shape: [3, 2], ...FLOAT, data: floats(1, 2, 3, 4, 5, 6) }],
    );
    expect(loadTflite(flat).graph).toMatchObject({
      inputShape: [1, 5, 2],
      layers: [{ kind: 'conv2d', outputShape: [1, 5, 3] }],
    });
  });
});

describe('shapes in TFLite files', () => {
  it('that only change leave no layer, also where the input has another one', () => {
    const conv = { shape: [4, 1, 3, 2], ...FLOAT, data: floats(...new Array<number>(24).fill(1)) };
    const bytes = chain(
      [
        [1, 10, 2],
        [1, 1, 10, 2],
        [1, 1, 10, 4],
        [1, 10, 4],
      ],
      [
        { name: 'EXPAND_DIMS', inputs: [0, 5], outputs: [1] },
        {
          ...{ name: 'CONV_2D', inputs: [1, 4, NONE], outputs: [2] },
          options: { 1: { int32: 1 }, 2: { int32: 1 } },
        },
        { name: 'SQUEEZE', inputs: [2], outputs: [3] },
      ],
      [conv, { shape: [], type: 'int32', data: ints(1) }],
    );
    expect(loadTflite(bytes).graph).toMatchObject({
      inputShape: [1, 10, 2],
      layers: [{ kind: 'conv2d', name: 'tensor2', outputShape: [1, 10, 4] }],
    });
  });

  it('may be computed of the shapes of tensors', () => {
    const one = (n: number): TensorText => ({ shape: [1], type: 'int32', data: ints(n) });
    const int = (shape: readonly number[]): TensorText => ({ shape, type: 'int32' });
    // RELU → [1, 4, 3]; its first dimension, packed with −1, is the shape of the RESHAPE.
    const bytes = tfliteFile({
      tensors: [
        ...[
          { shape: [1, 4, 3], ...FLOAT },
          { shape: [1, 4, 3], ...FLOAT },
        ],
        ...[int([3]), one(0), one(1), one(1), int([]), { ...one(-1), shape: [] }, int([2])],
        { shape: [1, 12], ...FLOAT },
      ],
      operators: [
        { name: 'RELU', inputs: [0], outputs: [1] },
        { name: 'SHAPE', inputs: [1], outputs: [2] },
        { name: 'STRIDED_SLICE', inputs: [2, 3, 4, 5], outputs: [6], options: { 4: { int32: 1 } } },
        { name: 'PACK', inputs: [6, 7], outputs: [8] },
        { name: 'RESHAPE', inputs: [1, 8], outputs: [9] },
      ],
      outputs: [9],
    });
    expect(loadTflite(bytes).graph.layers.map(({ kind }) => kind)).toEqual([
      'activation',
      'flatten',
    ]);
  });
});

describe('zeros around what a convolution of a TFLite file reads', () => {
  const pads = (...sides: number[]): TensorText => ({
    ...{ shape: [4, 2], type: 'int32', data: ints(0, 0, ...sides, 0, 0) },
  });
  const weights = { shape: [1, 3, 3, 1], ...FLOAT, data: floats(...new Array<number>(9).fill(1)) };
  const valid = { 0: { int8: 1 }, 1: { int32: 2 }, 2: { int32: 2 } };

  it('become its padding', () => {
    const bytes = chain(
      [
        [1, 8, 8, 1],
        [1, 9, 10, 1],
        [1, 4, 4, 1],
      ],
      [
        { name: 'PAD', inputs: [0, 4], outputs: [1] },
        { name: 'CONV_2D', inputs: [1, 3, NONE], outputs: [2], options: valid },
      ],
      [weights, pads(1, 0, 1, 1)],
    );
    expect(loadTflite(bytes).graph.layers).toMatchObject([
      { kind: 'conv2d', inputs: ['input'], inputShape: [8, 8, 1], padding: [1, 0, 1, 1] },
    ]);
  });
});

describe('what lies at the ends of an int8 network', () => {
  it('is left out and told of', () => {
    const bytes = tfliteFile({
      tensors: [
        { shape: [1, 2], type: 'uint8', scales: [0.5], zeroPoints: [128] },
        { shape: [1, 2], ...CODES },
        { shape: [1, 2], ...CODES },
        { shape: [1, 2], ...FLOAT },
      ],
      operators: [
        { name: 'QUANTIZE', inputs: [0], outputs: [1] },
        { name: 'RELU', inputs: [1], outputs: [2] },
        { name: 'DEQUANTIZE', inputs: [2], outputs: [3] },
      ],
      outputs: [3],
    });
    const model = loadTflite(bytes);
    expect(run(model, -5, 7)).toEqual([0, 7]);
    expect(model.file?.notes).toEqual([
      'The file takes uint8 and quantises it; here the input is int8 codes.',
      'The file gives float32; here the output is the int8 codes it is made of.',
    ]);
  });

  it('is brought to another scale before a ReLU that has one', () => {
    const bytes = tfliteFile({
      tensors: [
        { shape: [1, 2], ...CODES },
        { shape: [1, 2], scales: [0.25], zeroPoints: [-128] },
      ],
      operators: [{ name: 'RELU', inputs: [0], outputs: [1] }],
      outputs: [1],
    });
    expect(run(loadTflite(bytes), -5, 7)).toEqual([-128, -114]);
  });
});

describe('what cannot be read of TFLite files', () => {
  const relu: OperatorText = { name: 'RELU', inputs: [0], outputs: [1] };
  const two = [
    { shape: [1, 2], ...FLOAT },
    { shape: [1, 2], ...FLOAT },
  ];
  const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      'a custom operator',
      tfliteFile({ tensors: two, operators: [{ ...relu, name: 'Detect' }], outputs: [1] }),
      /^Operator 0 \(custom Detect\) is not supported\. End the network before it/,
    ],
    [
      'an operator that is not known here',
      tfliteFile({ tensors: two, operators: [{ ...relu, name: 'COS' }], outputs: [1] }),
      /^Operator 0 \(COS\) is not supported\. Replace it/,
    ],
    [
      'sparse weights of which some are missing',
      tfliteFile({
        tensors: [
          ...two,
          { shape: [2], ...FLOAT, data: floats(1), sparse: byRows(2, [0, 2], [0, 1]) },
          { shape: [2], ...FLOAT },
        ],
        operators: [{ name: 'DENSIFY', inputs: [2], outputs: [3] }, relu],
        outputs: [1],
      }),
      /^Damaged file: tensor 2 is stored sparsely, and its dimensions are not those of its shape/,
    ],
    [
      'a loop',
      tfliteFile({
        tensors: two,
        operators: [{ ...relu, name: 'WHILE' }],
        outputs: [1],
        moreSubgraphs: 2,
      }),
      /^Operator 0 \(WHILE\) is a loop\. A recurrent layer of Keras becomes one: import the \.keras or \.onnx/,
    ],
    [
      'a condition',
      tfliteFile({
        tensors: two,
        operators: [{ ...relu, name: 'IF' }],
        outputs: [1],
        moreSubgraphs: 2,
      }),
      /^Operator 0 \(IF\) is a condition/,
    ],
    [
      'several networks',
      tfliteFile({ tensors: two, operators: [relu], outputs: [1], moreSubgraphs: 1 }),
      /^The file has 2 networks/,
    ],
    [
      'int16 activations',
      tfliteFile({
        tensors: two.map((t) => ({ ...t, type: 'int16' as const, ...CODES })),
        operators: [relu],
        outputs: [1],
      }),
      /int16 activations, which are not supported/,
    ],
    [
      'uint8 activations',
      tfliteFile({
        tensors: two.map((t) => ({ ...t, type: 'uint8' as const, ...CODES })),
        operators: [relu],
        outputs: [1],
      }),
      /uint8 activations, TFLite's old quantisation/,
    ],
    [
      'a part that is float',
      tfliteFile({
        tensors: [{ shape: [1, 2], ...CODES }, { shape: [1, 2], ...CODES }, ...two],
        operators: [
          relu,
          { name: 'DEQUANTIZE', inputs: [1], outputs: [2] },
          { name: 'RELU', inputs: [2], outputs: [3] },
        ],
        outputs: [3],
      }),
      /^The network is int8 in part: Operator 2 \(RELU\) computes in float between DEQUANTIZE and QUANTIZE/,
    ],
    [
      'several inputs',
      tfliteFile({
        tensors: [...two, ...two],
        operators: [{ name: 'ADD', inputs: [0, 1], outputs: [2] }],
        inputs: [0, 1],
        outputs: [2],
      }),
      /has 2 inputs; only one is supported/,
    ],
    [
      'a batch',
      tfliteFile({
        tensors: two.map((t) => ({ ...t, shape: [8, 2] })),
        operators: [relu],
        outputs: [1],
      }),
      /must start with a batch of 1/,
    ],
    [
      'a circle',
      tfliteFile({
        tensors: [...two, ...two],
        operators: [
          { name: 'ADD', inputs: [0, 3], outputs: [2] },
          { name: 'RELU', inputs: [2], outputs: [3] },
        ],
        outputs: [3],
      }),
      /^Operator 0 \(ADD\)/,
    ],
    [
      'an output that nothing computes',
      tfliteFile({ tensors: [...two, ...two], operators: [relu], outputs: [3] }),
      /^The network's output reads tensor 3, which no operator before it writes/,
    ],
    [
      'a shape that does not follow',
      tfliteFile({
        tensors: [two[0]!, { shape: [1, 3], ...FLOAT }],
        operators: [relu],
        outputs: [1],
      }),
      /^Operator 0 \(RELU\): its output should have shape 1×1×2, not 1×1×3/,
    ],
    [
      'a tensor that is not there',
      tfliteFile({ tensors: two, operators: [{ ...relu, outputs: [9] }], outputs: [1] }),
      /^Damaged file: there is no tensor 9/,
    ],
    [
      'a shape of billions',
      tfliteFile({
        tensors: [...two, { shape: [1, 2 ** 30, 2 ** 30], ...FLOAT, data: floats(1) }, two[0]!],
        operators: [{ name: 'RESHAPE', inputs: [2], outputs: [3] }, relu],
        outputs: [1],
      }),
      /tensor 2 has 4 bytes, its shape/,
    ],
  ];
  for (const [what, bytes, message] of refusals) {
    it(`is named: ${what}`, () => {
      expect(() => loadTflite(bytes)).toThrow(UserError);
      expect(() => loadTflite(bytes)).toThrow(message);
      if (!message.source.includes('Damaged')) expect(inspectTflite(bytes).format).toBe('TFLite');
    });
  }

  it('is counted, with what can be read, before anything is imported', () => {
    const bytes = tfliteFile({
      tensors: two,
      operators: [relu, { ...relu, name: 'Detect' }, relu, { ...relu, name: 'COS' }],
      outputs: [1],
    });
    expect(inspectTflite(bytes)).toEqual({
      format: 'TFLite',
      operators: [
        { name: 'RELU', count: 2 },
        { name: 'Detect', count: 1, unsupported: true },
        { name: 'COS', count: 1, unsupported: true },
      ],
      ...{ weightsType: 'float32', parameters: 0, notes: [] },
      ...{ inputName: 'tensor0', inputShape: [1, 2] },
      ...{ outputNames: ['tensor1'], outputShapes: [[1, 2]] },
    });
  });

  it('is a file that ends too early, wherever that is', () => {
    const bytes = dense({});
    for (let length = 0; length < bytes.length; length++) {
      try {
        loadTflite(bytes.subarray(0, length));
      } catch (error) {
        expect(error, String(length)).toBeInstanceOf(UserError);
        continue;
      }
      // Only padding may be lacking.
      expect(length).toBeGreaterThan(bytes.length - 4);
    }
  });

  it('is a small file whose parts overlap, so that they would be large', () => {
    // 4000 tensors whose shapes are all one vector of 4000 numbers.
    const shape = { int32s: new Array<number>(4000).fill(1) };
    const whole = flatbuffer('TFL3', {
      2: {
        tables: [{ 0: { tables: [{ 0: shape }] }, 1: { int32s: new Array<number>(4000).fill(0) } }],
      },
      4: { tables: [{}] },
    });
    const view = new DataView(whole.buffer);
    // The list of inputs becomes the list of tensors: each of its entries leads to the first tensor.
    const root = view.getUint32(0, true);
    const follow = (at: number): number => at + view.getUint32(at, true);
    const field = (table: number, slot: number): number =>
      table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * slot, true);
    const subgraph = follow(follow(field(root, 2)) + 4);
    const first = follow(follow(field(subgraph, 0)) + 4);
    const list = follow(field(subgraph, 1));
    for (let i = 0; i < 4000; i++) {
      const at = list + 4 + 4 * i;
      view.setUint32(at, (first - at) >>> 0, true);
    }
    view.setUint32(field(subgraph, 0), list - field(subgraph, 0), true);
    expect(() => loadTflite(whole)).toThrow(UserError);
  });
});

describe("a TFLite file's metadata", () => {
  const bytes = readFileSync(join(FIXTURES, 'tflite-metadata.tflite'));

  it('names classes and says how the input was normalised', () => {
    expect(loadTflite(bytes).file).toMatchObject({
      classNames: ['ant', 'bee', 'cat', 'dog', 'elk'],
      normalization: { mean: [127.5], std: [63.75], from: "the file's metadata" },
    });
  });

  it('is passed over where its archive is damaged', () => {
    const facts = inspectTflite(bytes.subarray(0, bytes.length - 30));
    expect(facts.classNames).toBeUndefined();
    expect(facts.operators).not.toEqual([]);
  });
});
