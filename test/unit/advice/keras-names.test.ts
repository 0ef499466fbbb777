/** Names that people bring along from Keras: each is told what it is called here, and a quick fix writes it. */
import { describe, expect, it } from 'vitest';
import { advise } from '../../../src/core/advice/advise';
import { applyEdits } from '../../../src/core/advice/edits';
import { typeAlias } from '../../../src/core/ops/aliases';
import { writtenTypes } from '../../../src/core/ops/written';

const TYPES = writtenTypes().map(({ type }) => type);

const config = (layers: string, model = '"input": [64, 3], "classes": 4'): string => `{
  // Written from memory.
  "model": { ${model}, "layers": [
    ${layers}
  ] },
  "dataset": { "format": "numpy", "train": "a.npz", "test": "b.npz" },
  "budget": { "weights": "50%" },
  "firmware": { "directory": "fw" }
}
`;

const errorsOf = (text: string): string[] =>
  advise(text, '/w/a.east.json', '/w')
    .advice.filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);

/** The text as it is when every first quick fix has been taken, one after the other. */
function mended(text: string): string {
  for (let i = 0; i < 100; i++) {
    const { advice } = advise(text, '/w/a.east.json', '/w');
    const fix = advice
      .filter(({ severity }) => severity === 'error')
      .flatMap((each) => each.fixes())
      .find(({ kind }) => kind === 'edit');
    if (fix?.kind !== 'edit') return text;
    text = applyEdits(text, fix.edits);
  }
  throw new Error('the fixes come to no end');
}

describe('names from Keras', () => {
  it('are mended one by one until the network is one', () => {
    const text = config(
      `{ "type": "Conv1D", "filters": 8, "kernel_size": 5, "strides": 2, "padding": "SAME", "activation": "linear" },
    { "type": "BatchNormalization" }, { "type": "ReLU" },
    { "type": "MaxPooling1D", "pool_size": 2 },
    { "type": "DepthwiseConv1D", "kernel_size": 3, "dilation_rate": 2, "depth_multiplier": 1, "activation": "hard_swish" },
    { "type": "GlobalAveragePooling1D" }, { "type": "Flatten" },
    { "type": "Dense", "units": 4, "activation": "Softmax" }`,
      '"input_shape": [64, 3], "num_classes": 4',
    );
    expect(errorsOf(text).length).toBeGreaterThan(10);
    const after = mended(text);
    expect(errorsOf(after)).toEqual([]);
    expect(after).toMatch('// Written from memory.');
    expect(after).toMatch(
      '{ "type": "conv1d", "filters": 8, "kernel": 5, "stride": 2, "padding": "same", "activation": "none" }',
    );
    expect(after).toMatch('{ "type": "batchNorm" }, { "type": "relu" }');
    expect(after).toMatch('"dilation": 2, "multiplier": 1, "activation": "hardSwish" }');
    expect(after).toMatch('"input": [64, 3], "classes": 4');
  });

  it.each([
    ['{ "type": "BatchNormalization" }', 'found "BatchNormalization"; that is "batchNorm" here'],
    ['{ "type": "GlobalAveragePooling2D" }', 'that is "globalAveragePool" here'],
    [
      '{ "type": "Linear", "out_features": 4 }',
      'model.layers[0].out_features: unknown key; that is "units" here',
    ],
    [
      '{ "type": "conv1d", "filters": 4, "kernel_size": 3 }',
      'model.layers[0].kernel_size: unknown key; that is "kernel" here',
    ],
    [
      '{ "type": "conv1d", "units": 4, "kernel": 3 }',
      'a conv1d layer has no "units"; that is "filters" there',
    ],
    ['{ "type": "dense", "filters": 4 }', 'a dense layer has no "filters"; that is "units" there'],
    [
      '{ "type": "dense", "units": 4, "activation": "linear" }',
      'found "linear"; that is "none" here',
    ],
    [
      '{ "type": "SeparableConv2D" }',
      'write it as a depthwiseConv2d and a conv2d with "kernel": 1',
    ],
    ['{ "type": "Activation", "activation": "relu" }', 'write its name as the type'],
    ['{ "type": "InputLayer" }', 'the shape of the input stands in "model.input"'],
    ['{ "type": "Rescaling" }', '"dataset.normalize"'],
  ])('%s', (layer, words) => {
    expect(errorsOf(config(layer)).join('\n')).toMatch(words);
  });

  it.each([
    'Conv1D',
    'Conv2D',
    'Conv2DTranspose',
    'Dense',
    'LSTM',
    'GRU',
    'Flatten',
    'Add',
    'ELU',
    'batch_norm',
  ])('%s differs in case only', (name) => {
    const alias = typeAlias(name, TYPES);
    expect(alias).toEqual({
      name: expect.stringMatching(new RegExp(`^${name.replace('_', '')}$`, 'i')),
    });
  });

  it('a key that stands there already is not written a second time', () => {
    const text = config('{ "type": "dense", "units": 4, "out_features": 5 }');
    expect(mended(text)).toBe(text);
  });

  it('a misspelling is mended, too', () => {
    const text = config('{ "type": "dense", "units": 4 }').replace('"firmware"', '"firmwere"');
    expect(errorsOf(text).join()).toMatch('did you mean "firmware"?');
    expect(errorsOf(mended(text))).toEqual([]);
  });

  it.each([
    ['maxpooling2d', 'maxPool2d'],
    ['AvgPool1d', 'averagePool1d'],
    ['ConvTranspose1d', 'conv1dTranspose'],
    ['GlobalMaxPooling1D', 'globalMaxPool1d'],
    ['BatchNorm2d', 'batchNorm'],
    ['ZeroPadding2D', 'pad'],
    ['Concatenate', 'concat'],
    ['LayerNormalization', 'layerNorm'],
    ['Permute', 'transpose'],
  ])('%s is %s, which there is', (theirs, ours) => {
    expect(typeAlias(theirs, TYPES)).toEqual({ name: ours });
    expect(TYPES).toContain(ours);
  });
});
