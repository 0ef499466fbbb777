import { writtenTypes } from '../../../src/core/ops/written';
import { describe, expect, it } from 'vitest';
import { parseConfig, parseText } from '../../../src/core/config/parse-config';
import type { ParsedConfig } from '../../../src/core/config/parse-config';
import { checkConfig } from '../../../src/core/models/check-config';

const FILE = '/ws/models/my-meter.east.json';

function parse(text: string): ParsedConfig {
  const parsed = parseText(text, FILE, '/ws');
  const { sound, problems } = checkConfig(parsed);
  return { problems, ...(sound ? { config: sound.config } : {}) };
}

/** `line «underlined text» message` of each problem; warnings are marked. */
function problems(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return parse(text).problems.map(({ line, column, offset, length, message, severity }) => {
    const underlined = text.slice(offset, offset + length);
    expect(lines[line - 1]!.slice(column - 1, column - 1 + length)).toBe(underlined);
    const warning = severity === 'warning' ? 'warning: ' : '';
    return `${line} «${underlined}» ${warning}${message}`;
  });
}

type Sections = Record<string, string>;

const GOOD: Sections = {
  model: '{ "architecture": "resnet8", "input": [32, 32, 3], "classes": 10 }',
  dataset: '{ "format": "cifar10", "train": "d/b_*.bin", "test": "d/test.bin" }',
  budget: '{ "weights": "25%" }',
};

/** One section a line, from line 2 on, in the order of GOOD; further sections behind. */
function config(changes: Sections): string {
  const entries = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== '');
  return `{\n${entries.map(([key, value]) => `"${key}": ${value}`).join(',\n')}\n}`;
}

const TYPES = writtenTypes().length;

describe('a sound config', () => {
  it.each([
    ['adam', '{}', 0.006],
    ['adam at another rate', '{ "learningRate": 0.01 }', 0.02],
    ['adam at a huge rate', '{ "learningRate": 8 }', 10],
    ['sgd', '{ "optimizer": "sgd" }', 0.1],
    ['what is given', '{ "pruneLearningRate": 0.002 }', 0.002],
  ])('fits at a learning rate that follows from the float network: %s', (_, training, rate) => {
    expect(parse(config({ training })).config?.training.pruneLearningRate).toBe(rate);
  });

  it('moves weights of a file less', () => {
    const model = '{ "file": "net.tflite", "use": "fit" }';
    const { config: found } = parseText(config({ model }), FILE, '/ws');
    expect(found?.training).toMatchObject({
      epochs: 0,
      pruneEpochs: 10,
      learningRate: 0.003,
      pruneLearningRate: 0.003,
    });
  });

  it('gets every default', () => {
    const parsed = parse(config({}));
    expect(parsed.problems).toEqual([]);
    expect(parsed.config).toEqual({
      name: 'my_meter',
      task: { kind: 'classification' },
      model: { architecture: 'resnet8', input: [32, 32, 3], classes: 10 },
      dataset: {
        format: 'cifar10',
        train: '/ws/models/d/b_*.bin',
        test: '/ws/models/d/test.bin',
        validation: 0.1,
        limit: 0,
        augment: { flip: false, shift: 0, noise: 0 },
      },
      quantization: { weights: 'auto', activations: 8 },
      budget: { weights: { fraction: 0.25 }, decode: 0.65 },
      east: {
        method: 'east',
        group: 8,
        interval: 20,
        encoder: 'optimal',
        codec: 'auto',
        freeze: 0.6,
      },
      training: {
        epochs: 20,
        pruneEpochs: 20,
        batchSize: 128,
        optimizer: 'adam',
        learningRate: 0.003,
        pruneLearningRate: 0.006,
        momentum: 0.9,
        weightDecay: 0.0001,
        labelSmoothing: 0,
        schedule: 'one-cycle',
        seed: 1,
        checkpointSeconds: 60,
      },
      firmware: { directory: '/ws/models/firmware/east', target: 'cortex-m4', selfTestVectors: 4 },
      engine: 'auto',
      file: FILE,
      workspace: '/ws',
    });
  });

  it('keeps what is given, with comments, trailing commas, CRLF and Unicode', () => {
    const text = `{\r\n  // the meter\r\n  "$schema": "x.json", /* é */ "name": "Zähler_1",\r\n}`;
    expect(parse(text.replace('Zähler_1', 'Z1')).problems.map((p) => p.message)).toEqual([
      'the config: "dataset" is missing; expected an object in braces',
      'the config: "model" is missing; expected an object in braces',
      'budget: method east prunes until the weights fit; give "flash" or "weights"',
    ]);
    const full = parse(
      config({
        name: '"m"',
        dataset:
          '{ "format": "idx", "train": "x/train", "test": "../t.gz", "trainLabels": "x/l-*", "testLabels": "y",' +
          ' "validation": 0.2, "limit": 500, "augment": { "shift": 3 }, }, // trailing',
        model:
          '{ "layers": [ { "type": "dense", "units": 3 } ], "input": [1, 1, 4], "classes": 3 }',
        budget: '{ "flash": "64KiB", "ram": 30000, "weights": "1.5 kB" }',
        east: '{ "method": "group", "group": 16 }',
        training:
          '{ "epochs": 3, "optimizer": "sgd", "momentum": 0, "initialWeights": "w.bin", "batchSize": 1 }',
        firmware: '{ "directory": "../fw", "selfTestVectors": 1 }',
        engine: '"wasm"',
      }).replace(',\n"budget"', '\n"budget"'),
    );
    expect(full.problems).toEqual([]);
    expect(full.config).toMatchObject({
      name: 'm',
      dataset: {
        train: '/ws/models/x/train',
        test: '/ws/t.gz',
        trainLabels: '/ws/models/x/l-*',
        testLabels: '/ws/models/y',
        augment: { flip: false, shift: 3, noise: 0 },
      },
      budget: { flash: 65536, ram: 30000, weights: { bytes: 1500 }, decode: 0.65 },
      east: { method: 'group', group: 16 },
      training: {
        epochs: 3,
        pruneEpochs: 3,
        learningRate: 0.1,
        pruneLearningRate: 0.1,
        weightDecay: 0.0005,
        initialWeights: '/ws/models/w.bin',
      },
      firmware: { directory: '/ws/fw', target: 'cortex-m4', selfTestVectors: 1 },
      engine: 'wasm',
    });
  });

  it('accepts every budget form, a dense run without a budget, and csv windows', () => {
    expect(parse(config({ budget: '', east: '{ "method": "dense" }' })).problems).toEqual([]);
    const unlimited = parse(config({ budget: '{ "weights": "25%", "decode": null }' }));
    expect(unlimited.config?.budget).toEqual({ weights: { fraction: 0.25 }, decode: 1 });
    const csv = parse(
      config({
        model: '{ "architecture": "ds-cnn", "input": [1, 64, 2], "classes": 3 }',
        dataset:
          '{ "format": "csv", "train": "a*.csv", "test": "b.csv", "label": "y", "columns": ["p", "q"], "window": 64 }',
      }),
    );
    expect(csv.problems).toEqual([]);
    expect(csv.config?.dataset).toMatchObject({ window: 64, step: 64, label: 'y' });
  });

  it.each([
    ['meter.east.json', 'meter'],
    ['a b-c.v2.east.json', 'a_b_c_v2'],
    ['2wheels.json', 'model_2wheels'],
    ['é.east.json', 'model'],
    ['__x__.east.json', 'x'],
  ])('is named after its file: %s', (file, name) => {
    expect(parseConfig(config({}), `/ws/${file}`, '/ws').config?.name).toBe(name);
  });
});

describe('a text that is no JSON', () => {
  it.each([
    ['', ['1 «» the file is empty; expected a config in braces: { "model": …, "dataset": … }']],
    ['// only a comment', ['1 «» expected a value']],
    ['{ "name": meter }', ['1 «meter» this is no JSON value; text goes in double quotes']],
    ['{ "name" "m" }', ['1 «"m"» expected ":" after the key']],
    ['{\n  "a": 1\n  "b": 2\n}', ['3 «"b"» expected "," between two entries']],
    ['{ "name": "m"', ['1 «» expected "}": an object is not closed']],
    [
      '{ "a": [1, 2 ',
      ['1 «» expected "]": a list is not closed', '1 «» expected "}": an object is not closed'],
    ],
    [
      '{ "name": "m }',
      [
        '1 «"m }» this text is not closed with a double quote',
        '1 «» expected "}": an object is not closed',
      ],
    ],
    ['{ } }', ['1 «}» expected the end of the file; there is text behind the closing brace']],
    ['{ name: "m" }', undefined],
    ['{ /* }', undefined],
    ['{ "a": "\\q" }', ['1 «"\\q"» unknown escape; write a backslash as "\\\\"']],
  ])('%j', (text, expected) => {
    const parsed = parse(text);
    expect(parsed.config).toBeUndefined();
    if (expected) expect(problems(text)).toEqual(expected);
    else expect(parsed.problems.length).toBeGreaterThan(0);
  });
});

describe('what the schema finds', () => {
  const layers = (list: string): Sections => ({
    model: `{ "layers": [${list}], "input": [8, 8, 3], "classes": 10 }`,
  });

  it.each<[string, Sections, string[]]>([
    [
      'a misspelt section',
      { trainning: '{}' },
      ['5 «"trainning"» trainning: unknown key; did you mean "training"?'],
    ],
    [
      'a misspelt key',
      { training: '{ "epoch": 3 }' },
      ['5 «"epoch"» training.epoch: unknown key; did you mean "epochs"?'],
    ],
    [
      'a misspelt task, without what would be wrong for the usual one',
      {
        task: '"regresion"',
        model: '{ "architecture": "mlp", "input": [1, 1, 4], "outputs": 1 }',
        dataset: '{ "format": "csv", "train": "a.csv", "test": "b.csv", "target": "t" }',
        budget: '{ "weights": "25%", "floor": 2 }',
      },
      [
        '5 «"regresion"» task: expected one of "classification", "multi-label", "binary", "regression", "anomaly", or an object with one of them as its "kind", found "regresion"; did you mean "regression"?',
      ],
    ],
    [
      'a key of another section',
      { model: '{ "architecture": "resnet8", "input": [32, 32, 3], "classes": 10, "epochs": 4 }' },
      [
        '2 «"epochs"» model.epochs: unknown key; expected one of architecture, width, bottleneck, layers, file, use, output, input, classes, outputs ("epochs" is a key of training)',
      ],
    ],
    [
      'a key of two other sections',
      { training: '{ "weights": 3 }' },
      [
        '5 «"weights"» training.weights: unknown key; expected one of epochs, pruneEpochs, batchSize, shards, optimizer, learningRate, pruneLearningRate, momentum, weightDecay, labelSmoothing, distill, schedule, seed, initialWeights, checkpointSeconds ("weights" is a key of quantization and of budget)',
      ],
    ],
    [
      'a key that means something else elsewhere',
      { east: '{ "seed": 3 }' },
      [
        '5 «"seed"» east.seed: unknown key; expected one of method, group, interval, encoder, codec, freeze ("seed" is a key of training)',
      ],
    ],
    [
      'a key written too far out',
      { epochs: '3' },
      ['5 «"epochs"» epochs: unknown key; it belongs in training'],
    ],
    [
      'a key like no other',
      { budget: '{ "weights": "25%", "cheese": 1 }' },
      [
        '4 «"cheese"» budget.cheese: unknown key; expected one of flash, ram, weights, decode, accuracy, floor',
      ],
    ],
    [
      'a key that is not one of ours but of every object',
      { __proto__x: '1', toString: '2' },
      [
        '5 «"__proto__x"» __proto__x: unknown key; expected one of $schema, name, task, model, dataset, frontend, quantization, budget, east, training, firmware, engine',
        '6 «"toString"» toString: unknown key; expected one of $schema, name, task, model, dataset, frontend, quantization, budget, east, training, firmware, engine',
      ],
    ],
    [
      'a misspelt value',
      { training: '{ "optimizer": "Addam" }' },
      [
        '5 «"Addam"» training.optimizer: expected one of "sgd", "adam", found "Addam"; did you mean "adam"?',
      ],
    ],
    [
      'a value like no other',
      { engine: '"steam"' },
      [
        '5 «"steam"» engine: expected one of "auto", "wasm", "native", "webgpu", "cpu", found "steam"',
      ],
    ],
    [
      'other bits',
      { quantization: '{ "weights": 3 }' },
      ['5 «3» quantization.weights: expected one of 8, 4, 2, 1, "ternary", "auto", found 3'],
    ],
    [
      'a text for a number',
      { training: '{ "epochs": "20" }' },
      ['5 «"20"» training.epochs: expected a whole number from 0 to 10000, found "20"'],
    ],
    [
      'half an epoch',
      { training: '{ "epochs": 0.5 }' },
      ['5 «0.5» training.epochs: expected a whole number from 0 to 10000, found 0.5'],
    ],
    [
      'a momentum of 1',
      { training: '{ "optimizer": "sgd", "momentum": 1 }' },
      ['5 «1» training.momentum: expected a number of at least 0 and below 1, found 1'],
    ],
    [
      'no learning rate',
      { training: '{ "learningRate": 0 }' },
      ['5 «0» training.learningRate: expected a number above 0 and at most 10, found 0'],
    ],
    [
      'too large a validation set',
      { dataset: '{ "format": "cifar10", "train": "a", "test": "b", "validation": 0.7 }' },
      ['3 «0.7» dataset.validation: expected a number above 0 and at most 0.5, found 0.7'],
    ],
    [
      'a number for a switch',
      { dataset: '{ "format": "cifar10", "train": "a", "test": "b", "augment": { "flip": 1 } }' },
      ['3 «1» dataset.augment.flip: expected true or false, found 1'],
    ],
    [
      'an empty path',
      { dataset: '{ "format": "cifar10", "train": "", "test": null }' },
      [
        '3 «""» dataset.train: expected a path or glob, found ""',
        '3 «null» dataset.test: expected a path or glob, found null',
      ],
    ],
    [
      'a list for an object',
      { east: '[1, 2]' },
      ['5 «"east"» east: expected an object in braces, found [1,2]'],
    ],
    [
      'one class',
      { model: '{ "architecture": "mlp", "input": [1, 1, 4], "classes": 1 }' },
      ['2 «1» model.classes: expected a whole number from 2 to 65536, found 1'],
    ],
    [
      'missing keys',
      { model: '{ "architecture": "mlp" }', dataset: '{ "format": "csv" }' },
      [
        '2 «"model"» model: "input" is missing; expected three whole numbers: [height, width, channels], or of a sequence two: [time, channels]',
        '2 «"model"» model: "classes" is missing; expected a whole number from 2 to 65536',
        '3 «"dataset"» dataset: "train" is missing; expected a path or glob',
        '3 «"dataset"» dataset: "test" is missing; expected a path or glob',
      ],
    ],
    [
      'an input of one dimension',
      { model: '{ "architecture": "mlp", "input": [28], "classes": 10 }' },
      [
        '2 «"input"» model.input: expected three whole numbers: [height, width, channels], or of a sequence two: [time, channels], found [28]',
      ],
    ],
    [
      'an input of nothing',
      { model: '{ "architecture": "mlp", "input": [28, 0, 1], "classes": 10 }' },
      ['2 «0» model.input[1]: expected a whole number from 1 to 65536, found 0'],
    ],
    [
      'a size in KB, which people mean either way',
      { budget: '{ "flash": "64KB" }' },
      [
        '4 «"64KB"» budget.flash: expected a number of bytes or a size such as "64KiB" (1 KiB = 1024 bytes, 1 kB = 1000), found "64KB"',
      ],
    ],
    [
      'a share that is not one',
      { budget: '{ "weights": "a quarter" }' },
      [
        '4 «"a quarter"» budget.weights: expected a size such as "16KiB" or a share of the dense int8 weights such as "25%", found "a quarter"',
      ],
    ],
    [
      'a name that C cannot have',
      { name: '"my-meter"' },
      [
        '5 «"my-meter"» name: expected a C identifier: letters, digits and "_", a letter first, at most 40 characters, found "my-meter"',
      ],
    ],
    [
      'a layer of unknown type',
      layers('{ "type": "conv2" }'),
      [
        `2 «"conv2"» model.layers[0].type: expected one of the ${TYPES} that docs/config.md lists, found "conv2"; did you mean "conv2d"?`,
      ],
    ],
    [
      'a layer of a type that is like none',
      layers('{ "type": "attention" }'),
      [
        `2 «"attention"» model.layers[0].type: expected one of the ${TYPES} that docs/config.md lists, found "attention"; spelled most alike are flatten, dense, batchNorm`,
      ],
    ],
    [
      'keys missing from a layer, keys of other layers, keys of none',
      layers('{ "type": "conv2d", "kernel": 3, "pool": 4, "strid": 2 }'),
      [
        '2 «{ "type": "conv2d", "kernel": 3, "pool": 4, "strid": 2 }» model.layers[0]: "filters" is missing; expected a whole number from 1 to 4096',
        '2 «"pool"» model.layers[0].pool: a conv2d layer has no "pool"; its keys are type, name, inputs, filters, kernel, stride, padding, dilation, groups, batchNorm, activation, slope',
        '2 «"strid"» model.layers[0].strid: unknown key; did you mean "stride"?',
      ],
    ],
    [
      'a kernel of three',
      layers(
        '{ "type": "depthwiseConv2d", "kernel": [3, 3, 3] }, { "type": "dense", "units": 10 }',
      ),
      [
        '2 «"kernel"» model.layers[0].kernel: expected a whole number from 1 to 1024, or two of them as [vertical, horizontal], found [3,3,3]',
      ],
    ],
    [
      'an add of one',
      layers('{ "type": "add" }'),
      [
        '2 «{ "type": "add" }» model.layers[0]: "inputs" is missing; expected a list of one layer name, or of two for add, sub, mul, maximum and minimum, or of several for concat',
      ],
    ],
  ])('%s', (_, changes, expected) => {
    expect(problems(config(changes))).toEqual(expected);
  });

  it('says so when the whole is no object', () => {
    expect(problems('[]')).toEqual(['1 «[» the config: expected an object in braces, found []']);
    expect(problems('"meter"')).toEqual([
      '1 «"meter"» the config: expected an object in braces, found "meter"',
    ]);
  });

  it('reports a __proto__ key like any other', () => {
    expect(
      problems('{ "model": {}, "dataset": {}, "__proto__": { "engine": "cpu" } }').at(-1),
    ).toMatch(/^1 «"__proto__"» __proto__: unknown key/);
  });

  it('reports a key that stands twice', () => {
    const text = config({ training: '{ "epochs": 3, "seed": 2, "epochs": 4 }' });
    expect(problems(text)).toEqual([
      '5 «"epochs"» training.epochs: stands twice in the same object; keep one',
    ]);
    expect(parse(text).config).toBeUndefined();
  });

  it('lists several problems in the order of the text, rules between keys included', () => {
    const text = config({
      model: '{ "architecture": "resnet8", "input": [32, 32, 3], "classes": 10, "layers": [] }',
      budget: '{ "ram": "0KiB" }',
      training: '{ "epochs": 0 }',
      engine: '"gpu"',
    });
    expect(problems(text)).toEqual([
      '2 «"layers"» model.layers: expected a list of at least one layer, found []',
      '4 «"budget"» budget: method east prunes until the weights fit; give "flash" or "weights"',
      '4 «"0KiB"» budget.ram: expected at least one byte, found "0KiB"',
      '5 «0» training.epochs: 0 epochs would prune random weights; give "initialWeights" or at least 1 epoch',
      '6 «"gpu"» engine: expected one of "auto", "wasm", "native", "webgpu", "cpu", found "gpu"; did you mean "cpu"?',
    ]);
  });
});

describe('rules between keys', () => {
  const data = (text: string): Sections => ({
    model: '{ "architecture": "mlp", "input": [1, 1, 6], "classes": 3 }',
    dataset: text,
  });

  it.each<[string, Sections, string[]]>([
    [
      'neither architecture nor layers',
      { model: '{ "input": [32, 32, 3], "classes": 10 }' },
      ['2 «"model"» model: needs an "architecture", a list of "layers" or a "file"'],
    ],
    [
      'both',
      {
        model:
          '{ "architecture": "mlp", "layers": [{ "type": "flatten" }], "input": [32, 32, 3], "classes": 10 }',
      },
      ['2 «"layers"» model: has both "architecture" and "layers"; keep one of them'],
    ],
    [
      'a width with layers',
      {
        model:
          '{ "layers": [{ "type": "dense", "units": 10 }], "width": 8, "input": [32, 32, 3], "classes": 10 }',
      },
      [
        '2 «8» model.width: scales a named architecture; with "layers" give every layer its "filters" or "units"',
      ],
    ],
    [
      'a graph that cannot be built, at its layer',
      {
        model:
          '{ "layers": [{ "type": "conv2d", "filters": 4, "kernel": 3, "inputs": ["inptu"] }, { "type": "dense", "units": 10 }], "input": [32, 32, 3], "classes": 10 }',
      },
      [
        '2 «"inptu"» layer "conv1": reads "inptu", but no layer has that name; did you mean "input"?',
      ],
    ],
    [
      'the wrong number of classes, at the last layer',
      {
        model:
          '{ "layers": [{ "type": "dense", "units": 9 }], "input": [32, 32, 3], "classes": 10 }',
      },
      [
        '2 «{ "type": "dense", "units": 9 }» layer "dense1": the last layer must give one output per class, 1×1×10, but gives 1×1×9',
      ],
    ],
    [
      'an architecture that does not fit the input',
      {
        ...data('{ "format": "images", "train": "a", "test": "b" }'),
        model: '{ "architecture": "lenet5", "input": [8, 8, 1], "classes": 10 }',
      },
      [
        '2 «"input"» layer "conv2" of lenet5 with input 8×8: input 4×4 is smaller than the 5×5 kernel with "valid" padding',
      ],
    ],
    [
      'cifar10 of another shape',
      { model: '{ "architecture": "resnet8", "input": [32, 32, 1], "classes": 11 }' },
      [
        '2 «"input"» model.input: cifar10 has images of [32, 32, 3], found [32, 32, 1]',
        '2 «11» model.classes: cifar10 has 10 classes, found 11',
      ],
    ],
    [
      'images with two channels',
      {
        model: '{ "architecture": "resnet8", "input": [32, 32, 2], "classes": 11 }',
        dataset: '{ "format": "images", "train": "a", "test": "b" }',
      },
      ['2 «"input"» model.input: images have 1 channel (grey) or 3 (colour), found [32, 32, 2]'],
    ],
    [
      'csv without label',
      data('{ "format": "csv", "train": "a", "test": "b" }'),
      ['3 «"dataset"» dataset: csv needs "label", the name of the column that holds the class'],
    ],
    [
      'the label among the columns',
      data(
        '{ "format": "csv", "train": "a", "test": "b", "label": "y", "columns": ["a", "b", "c", "d", "e", "y"] }',
      ),
      [
        '3 «"columns"» dataset.columns: holds the label column "y", which would give the answer away',
      ],
    ],
    [
      'csv keys for another format',
      {
        dataset:
          '{ "format": "cifar10", "train": "a", "test": "b", "window": 4, "columns": ["a"] }',
      },
      [
        '3 «4» dataset.window: is for csv only, but the format is cifar10',
        '3 «"columns"» dataset.columns: is for csv only, but the format is cifar10',
      ],
    ],
    [
      'label files for another format',
      { dataset: '{ "format": "cifar10", "train": "a", "test": "b", "testLabels": "c" }' },
      ['3 «"c"» dataset.testLabels: is for idx, numpy and wav only, but the format is cifar10'],
    ],
    [
      'idx without label files',
      data('{ "format": "idx", "train": "a", "test": "b" }'),
      [
        '3 «"a"» dataset: idx keeps the labels of "train" in a file of their own; give "trainLabels"',
        '3 «"b"» dataset: idx keeps the labels of "test" in a file of their own; give "testLabels"',
      ],
    ],
    [
      'npy without label files, beside an npz that holds them',
      data('{ "format": "numpy", "train": "a.npz", "test": "b.npy" }'),
      [
        '3 «"b.npy"» dataset: a .npy file keeps the labels of "test" in a file of their own; give "testLabels"',
      ],
    ],
    [
      'a step without window',
      data('{ "format": "csv", "train": "a", "test": "b", "label": "y", "step": 3 }'),
      ['3 «3» dataset.step: is the way between two windows; give "window" too'],
    ],
    [
      'a window with a tabular input',
      data('{ "format": "csv", "train": "a", "test": "b", "label": "y", "window": 32 }'),
      ['2 «"input"» model.input: a window of 32 rows is [1, 32, columns], found [1, 1, 6]'],
    ],
    [
      'windows and columns of another shape',
      data(
        '{ "format": "csv", "train": "a", "test": "b", "label": "y", "window": 6, "columns": ["a", "b"] }',
      ),
      ['2 «"input"» model.input: a window of 6 rows of 2 columns is [1, 6, 2], found [1, 1, 6]'],
    ],
    [
      'columns of another number',
      data('{ "format": "csv", "train": "a", "test": "b", "label": "y", "columns": ["a", "b"] }'),
      ['2 «"input"» model.input: a row of 2 columns is [1, 1, 2], found [1, 1, 6]'],
    ],
    [
      'nothing to prune for',
      { budget: '' },
      ['1 «{» budget: method east prunes until the weights fit; give "flash" or "weights"'],
    ],
    [
      'nothing to prune for, with a method',
      { budget: '', east: '{ "method": "magnitude" }' },
      [
        '4 «"magnitude"» budget: method magnitude prunes until the weights fit; give "flash" or "weights"',
      ],
    ],
    [
      'a share of more than all',
      { budget: '{ "weights": "120%" }' },
      ['4 «"120%"» budget.weights: expected a share above 0% and up to 100%, found "120%"'],
    ],
    [
      'less than a byte',
      { budget: '{ "flash": "0.5B", "weights": "0%" }' },
      [
        '4 «"0.5B"» budget.flash: expected at least one byte, found "0.5B"',
        '4 «"0%"» budget.weights: expected a share above 0% and up to 100%, found "0%"',
      ],
    ],
    [
      'no epochs and no weights',
      { training: '{ "epochs": 0 }' },
      [
        '5 «0» training.epochs: 0 epochs would prune random weights; give "initialWeights" or at least 1 epoch',
      ],
    ],
    [
      'sources around the config',
      { firmware: '{ "directory": "." }' },
      [
        '5 «"."» firmware.directory: the sources need a folder of their own, but this one holds the config file',
      ],
    ],
    [
      'sources around the data',
      { firmware: '{ "directory": "d" }' },
      [
        '5 «"d"» firmware.directory: the sources need a folder of their own, but this one holds data (models/d)',
      ],
    ],
    [
      'sources in the repository',
      { firmware: '{ "directory": "../.git/east" }' },
      ['5 «"../.git/east"» firmware.directory: the sources cannot be written into .git'],
    ],
    [
      'a name that CMake keeps for itself',
      { name: '"test"' },
      [
        '5 «"test"» name: "test" is a target of every CMake build, and the sources come with one of that name; choose another',
      ],
    ],
    [
      'no epochs to prune in',
      { training: '{ "pruneEpochs": 0 }' },
      [
        '5 «0» training.pruneEpochs: method east needs at least 1 epoch to prune in; 0 is for method dense',
      ],
    ],
    [
      'more shards than a batch has examples',
      { training: '{ "batchSize": 8, "shards": 9 }' },
      ['5 «9» training.shards: a batch of 8 cannot be split into 9 parts'],
    ],
    [
      'paths out of the workspace',
      {
        dataset: '{ "format": "cifar10", "train": "../../etc/*.bin", "test": "/etc/passwd" }',
        training: '{ "initialWeights": "../../../w" }',
        firmware: '{ "directory": "../../ws2" }',
      },
      [
        '3 «"../../etc/*.bin"» dataset.train: "../../etc/*.bin" leads out of the workspace folder /ws; move it there',
        '3 «"/etc/passwd"» dataset.test: "/etc/passwd" leads out of the workspace folder /ws; move it there',
        '5 «"../../../w"» training.initialWeights: "../../../w" leads out of the workspace folder /ws; move it there',
        '6 «"../../ws2"» firmware.directory: "../../ws2" leads out of the workspace folder /ws; move it there',
      ],
    ],
    [
      'a way out behind a wildcard',
      {
        dataset:
          '{ "format": "cifar10", "train": "*/../../../etc/x", "test": "{a,../../../etc}/x" }',
      },
      [
        '3 «"*/../../../etc/x"» dataset.train: "*/../../../etc/x": ".." may not follow a wildcard; write it in front',
        '3 «"{a,../../../etc}/x"» dataset.test: "{a,../../../etc}/x": ".." may not follow a wildcard; write it in front',
      ],
    ],
    [
      'sound without a front end',
      {
        dataset: '{ "format": "wav", "train": "a", "test": "b", "augment": { "gain": 6 } }',
      },
      [
        '3 «"wav"» dataset.format: wav needs a "frontend", which makes the input of samples: {"kind": "log-mel", …} for speech and other sounds, {"kind": "window", …} for samples as they are',
        '3 «6» dataset.augment.gain: changes raw samples before a "frontend", which there is not',
      ],
    ],
    [
      'a front end for a network that keeps its weights',
      {
        model: '{ "file": "net.tflite", "use": "quantize" }',
        frontend: '{ "kind": "window", "length": 4 }',
      },
      [
        '3 «"cifar10"» dataset.format: a "frontend" makes the input of raw samples, which wav and csv hold, but the format is cifar10',
        '5 «"frontend"» frontend: a network from a file has it in its C only where it is made to fit ("use": "fit"), whose input is what the front end makes; leave it out, and give examples as the network expects them',
      ],
    ],
    [
      'noise for a table',
      {
        dataset:
          '{ "format": "csv", "label": "y", "train": "a", "test": "b", "background": { "folder": "c", "snr": [0, 9] } }',
      },
      ['3 «"background"» dataset.background: is for wav only, but the format is csv'],
    ],
    [
      'labels of what is normal without a column of labels',
      {
        task: '{ "kind": "anomaly", "normal": "ok" }',
        model: '{ "architecture": "autoencoder", "input": [1, 1, 6] }',
        dataset: '{ "format": "csv", "train": "a", "test": "b" }',
      },
      [
        '5 «"ok"» task.normal: says which labels are normal, but no column is named for them; name in dataset.label the column that says what is normal, or leave "normal" out if all rows are',
      ],
    ],
    ...(
      [
        ['idx', 'a', 'b'],
        ['numpy', 'a.npy', 'b.npy'],
      ] as const
    ).map(([format, train, test]): [string, Sections, string[]] => [
      `labels of what is normal without a file of labels: ${format}`,
      {
        task: '{ "kind": "anomaly", "normal": ["ok"] }',
        model: '{ "architecture": "autoencoder", "input": [1, 1, 6] }',
        dataset: `{ "format": "${format}", "train": "${train}", "test": "${test}" }`,
      },
      [
        '5 «"normal"» task.normal: says which labels are normal, but no file of labels is named; name it in dataset.trainLabels, or leave "normal" out if all examples are',
      ],
    ]),
    [
      'a zero in a path',
      { firmware: '{ "directory": "a\\u0000b" }' },
      ['5 «"a\\u0000b"» firmware.directory: a path cannot hold a zero character'],
    ],
  ])('%s', (_, changes, expected) => {
    const text = config(changes);
    expect(problems(text)).toEqual(expected);
    expect(parse(text).config).toBeUndefined();
  });

  it.each([
    '{ "format": "csv", "label": "l", "train": "a", "test": "b" }',
    '{ "format": "idx", "train": "a", "test": "b", "testLabels": "c" }',
    '{ "format": "numpy", "train": "a.npz", "test": "b.npz" }',
  ])('takes labels of what is normal where there may be labels: %s', (dataset) => {
    const task = '{ "kind": "anomaly", "normal": "ok" }';
    const model = '{ "architecture": "autoencoder", "input": [1, 1, 6] }';
    expect(problems(config({ task, model, dataset }))).toEqual([]);
  });

  it('warns of test data that is trained on, and goes on', () => {
    const text = config({
      dataset: '{ "format": "cifar10", "train": "a/*.bin", "test": "./a/*.bin" }',
    });
    expect(problems(text)).toEqual([
      '3 «"./a/*.bin"» warning: dataset.test: is the training data, so the reported accuracy says nothing about new examples',
    ]);
    expect(parse(text).config).toBeDefined();
  });

  it('does not where label files or an archive tell the sets apart', () => {
    const labelled = '"trainLabels": "a.csv", "testLabels": "b.csv"';
    for (const dataset of [
      `{ "format": "wav", "train": "a", "test": "a", ${labelled} }`,
      '{ "format": "numpy", "train": "a.npz", "test": "a.npz" }',
    ]) {
      expect(problems(config({ dataset })).join()).not.toContain('is the training data');
    }
  });

  it.each(['1', '2'])(
    'refuses the entropy coder for weights of %s bits, which have no zero',
    (bits) => {
      const quantization = `{ "weights": ${bits} }`;
      const text = config({ quantization, east: '{ "codec": "entropy" }' });
      expect(problems(text).join()).toContain(
        `«"entropy"» east.codec: entropy stores weights that can be zero one by one, which those of ${bits} bits cannot`,
      );
      expect(parse(text).config).toBeUndefined();
      expect(parse(config({ quantization, east: '{ "codec": "auto" }' })).config).toBeDefined();
      const ternary = config({
        quantization: '{ "weights": "ternary" }',
        east: '{ "codec": "entropy" }',
      });
      expect(parse(ternary).config?.east.codec).toBe('entropy');
    },
  );

  it('warns of keys without effect, and goes on', () => {
    const text = config({
      east: '{ "group": 4 }',
      training: '{ "momentum": 0.5 }',
    });
    expect(problems(text)).toEqual([
      '5 «4» warning: east.group: has no effect with method east, only with group',
      '6 «0.5» warning: training.momentum: has no effect with optimizer adam, only with sgd',
    ]);
    expect(parse(text).config).toBeDefined();
    expect(
      problems(config({ east: '{ "method": "dense", "interval": 4, "freeze": 0.5 }' })).length,
    ).toBe(2);
  });
});

describe('what is wrong with the use of a file', () => {
  it.each([
    '{ "file": "net.onnx", "use": "quantise" }',
    '{ "file": "" }',
    '{ "use": "quantize" }',
    '{ "file": 3 }',
  ])('is the only problem: %s', (model) => {
    const found = problems(config({ model, budget: '' }));
    expect(found.filter((problem) => problem.includes('budget'))).toEqual([]);
    expect(found.length).toBeGreaterThan(0);
  });
});
