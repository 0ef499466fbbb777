import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/core/config/config';
import { parseText } from '../../../src/core/config/parse-config';
import { configTemplate } from '../../../src/core/config/template';
import type { TemplateChoices } from '../../../src/core/config/template';
import { checkConfig } from '../../../src/core/models/check-config';

const METER: TemplateChoices = {
  name: 'meter',
  architecture: 'resnet8',
  width: 8,
  input: [32, 32, 3],
  classes: 10,
  dataset: { format: 'cifar10', train: 'data/data_batch_*.bin', test: 'data/test_batch.bin' },
  budget: { flash: '64KiB', ram: '48KiB', weights: '25%' },
  epochs: 12,
  firmwareDirectory: '../fw/east',
};

function parse(choices: TemplateChoices) {
  const parsed = parseText(configTemplate(choices), '/ws/models/x.east.json', '/ws');
  const { sound, problems } = checkConfig(parsed);
  return { config: sound?.config, problems };
}

describe('configTemplate', () => {
  it('is a config with the choices', () => {
    const { config, problems } = parse(METER);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      name: 'meter',
      model: { architecture: 'resnet8', width: 8, input: [32, 32, 3], classes: 10 },
      dataset: { format: 'cifar10', train: '/ws/models/data/data_batch_*.bin' },
      budget: { flash: 65536, ram: 49152, weights: { fraction: 0.25 }, decode: 0.65 },
      east: { method: 'east' },
      training: { epochs: 12, pruneEpochs: 12 },
      firmware: { directory: '/ws/fw/east' },
    });
  });

  it('leaves out what was not chosen, its comments too', () => {
    const text = configTemplate({
      ...METER,
      architecture: 'mlp',
      input: [1, 1, 5],
      classes: 2,
      dataset: { format: 'csv', train: 'a.csv', test: 'b.csv', label: 'y' },
      budget: { weights: '2KiB' },
    });
    expect(text).toMatchInlineSnapshot(`
      "{
        // Prefix of every C symbol and file.
        "name": "meter",

        "model": {
          // One of resnet9, resnet8, ds-cnn, ds-cnn-streaming, mobilenet-v1, lenet5, cnn1d, tcn, mlp, autoencoder (the last for
          // anomalies); or, instead, a list of "layers".
          "architecture": "mlp",
          // Channels of the first stage, units of mlp and autoencoder. Weights and time grow with its square.
          "width": 8,
          // [height, width, channels] of one example.
          "input": [1, 1, 5],
          "classes": 2
        },

        // Paths are relative to this file and stay within the workspace folder; "*" is a wildcard.
        "dataset": {
          // cifar10, images or wav (a folder per class), idx (MNIST), numpy or csv.
          "format": "csv",
          "train": "a.csv",
          // Never trained on: what the report states is measured on these.
          "test": "b.csv",
          // The column that holds the class.
          "label": "y"
        },

        // Training prunes weights until the encoded network fits. 1 KiB = 1024 bytes.
        "budget": {
          // Flash for the encoded weights alone: a size, or a share of their dense int8 size.
          "weights": "2KiB"
        },

        "east": {
          // east, or a baseline to compare with: magnitude, group or dense.
          "method": "east",
          // What stores the weights: auto, lz4 or entropy. "lz4" with quantization.weights 8 is the paper's setting.
          "codec": "auto"
        },

        "training": {
          // Epochs of the float network; pruning and fine-tuning take as many again.
          "epochs": 12,
          // The same seed and engine give the same weights.
          "seed": 1
        },

        "firmware": {
          // A folder of its own for the C sources.
          "directory": "../fw/east",
          "target": "cortex-m4"
        }
      }
      "
    `);
  });

  it.each<[Architecture, [number, number, number]]>([
    ['resnet9', [28, 28, 1]],
    ['resnet8', [28, 28, 1]],
    ['ds-cnn', [49, 10, 1]],
    ['ds-cnn-streaming', [49, 10, 1]],
    ['mobilenet-v1', [96, 96, 3]],
    ['lenet5', [28, 28, 1]],
    ['cnn1d', [1, 64, 6]],
    ['tcn', [1, 64, 6]],
    ['mlp', [1, 1, 30]],
  ])('is sound for %s', (architecture, input) => {
    const dataset = {
      format: 'idx',
      train: 'i',
      trainLabels: 'l',
      test: 't',
      testLabels: 'u',
    } as const;
    expect(parse({ ...METER, architecture, input, dataset }).problems).toEqual([]);
  });

  it('writes any text so that it comes back', () => {
    const label = 'it\'s "quoted" \\ // /* */ é\n, {';
    const dataset = { format: 'csv', train: 'a', test: 'b', label } as const;
    const { config } = parse({ ...METER, dataset });
    expect(config?.dataset?.label).toBe(label);
  });

  it('makes small batches and many epochs where there are few examples', () => {
    const { epochs, ...counted } = METER;
    expect(parse({ ...counted, examples: 90 }).config?.training).toMatchObject({
      batchSize: 16,
      epochs: 80,
      pruneEpochs: 80,
    });
    expect(parse({ ...counted, examples: 50_000 }).config?.training).toMatchObject({
      batchSize: 128,
      epochs: 20,
    });
    // What somebody asked for stays.
    expect(configTemplate({ ...METER, examples: 90 })).toContain(`"epochs": ${epochs}`);
  });
});
