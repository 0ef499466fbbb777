import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { draftConfig } from '../../../src/core/advice/draft-config';
import { parseConfig } from '../../../src/core/config/parse-config';
import { ARCHITECTURES } from '../../../src/core/config/template-choices';
import { readModelFile } from '../../../src/core/models/read-model-file';
import { defined } from '../../../src/core/util/defined';
import { fittingArchitecture } from '../../../src/core/models/fitting-architecture';
import {
  architectureChoices,
  describeModel,
  useChoices,
} from '../../../src/extension/create-config/network-choices';
import {
  checkClasses,
  checkDataPath,
  checkFile,
  checkFlash,
  checkInput,
  checkPath,
  checkRam,
  checkWidth,
} from '../../../src/extension/create-config/check-answers';
import { choicesOf } from '../../../src/extension/create-config/template-of-answers';
import { dataProblem, describeData } from '../../../src/extension/create-config/describe-data';
import {
  suggestedBudget,
  suggestedFile,
  suggestedFirmware,
} from '../../../src/extension/create-config/suggestions';
import type { Answers, Imported } from '../../../src/extension/create-config/answers';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();

const NETWORK = {
  input: [28, 28, 1],
  classes: 10,
  architecture: 'lenet5',
  width: 6,
} as const;

function answers(folder: string, changes: Partial<Answers> = {}): Answers {
  return {
    folder,
    format: 'images',
    train: 'data/train',
    test: 'data/test',
    ...NETWORK,
    flash: '32KiB',
    ram: '16KiB',
    firmware: 'firmware/east',
    file: 'digits',
    ...changes,
  };
}

describe('checks as one types', () => {
  it('want an example and classes', () => {
    expect(checkInput('28x28x1')).toBeUndefined();
    expect(checkInput('28×28×1')).toBeUndefined();
    for (const text of ['', '28', '28x28', '0x1x1', 'axbxc']) {
      expect(checkInput(text)).toMatchObject({ severity: 'error' });
    }
    expect(checkClasses('10')).toBeUndefined();
    for (const text of ['', '1', '1001', '2.5']) {
      expect(checkClasses(text)).toMatchObject({ severity: 'error' });
    }
  });

  it('show what a width takes, and refuse one that cannot be', () => {
    expect(checkWidth('6', NETWORK)).toEqual({
      severity: 'information',
      message: expect.stringMatching(/^[\d,]+ parameters · [\d.]+ KiB as dense int8$/),
    });
    expect(checkWidth('0', NETWORK)).toMatchObject({ severity: 'error' });
    expect(checkWidth('many', NETWORK)).toMatchObject({ severity: 'error' });
    expect(checkWidth('6', { ...NETWORK, input: [4, 4, 1] })).toMatchObject({ severity: 'error' });
  });

  it.each([
    ['flash', checkFlash],
    ['ram', checkRam],
  ] as const)('say the least %s that is enough: and it is', (_key, check) => {
    expect(check('64', NETWORK)?.severity).toBe('error');
    const least = /At least (\S+) (KiB|B) are/.exec(check('64', NETWORK)?.message ?? '');
    expect(least).not.toBeNull();
    expect(check(`${least![1]}${least![2]}`, NETWORK)?.severity).toBe('information');
    for (const text of ['', '64', '64K', 'much', '-1KiB']) {
      expect(check(text, NETWORK)?.severity).toBe('error');
    }
    expect(check('1MiB', NETWORK)?.severity).toBe('information');
  });

  it('keep paths inside the workspace folder', () => {
    const folder = scratch();
    mkdirSync(join(folder, 'data'));
    expect(checkPath('data/x', folder)).toBeUndefined();
    for (const text of ['', '..', '../x', '/etc', 'a/../../b']) {
      expect(checkPath(text, folder)).toMatchObject({ severity: 'error' });
    }
    expect(checkDataPath('data', folder)).toBeUndefined();
    expect(checkDataPath('data/*.bin', folder)).toBeUndefined();
    expect(checkDataPath('nothing', folder)).toMatchObject({ severity: 'information' });
  });

  it('never let a file be overwritten, and check all answers together', () => {
    const folder = scratch();
    const check = (changes: Partial<Answers>) => checkFile(answers(folder, changes), () => folder);
    expect(check({})).toBeUndefined();
    expect(check({ file: 'models/digits.east.json' })).toBeUndefined();
    writeFileSync(join(folder, 'digits.east.json'), '{}');
    expect(check({})?.message).toMatch(/exists already/);
    expect(check({ file: '.east.json' })).toMatchObject({ severity: 'error' });
    // Whatever the file is called, C symbols get a name made of it.
    expect(check({ file: '1 2' })).toBeUndefined();
    expect(check({ file: 'x', firmware: 'data' })?.message).toMatch(/folder of their own/);
  });
});

describe('suggestions', () => {
  it.each([
    [[28, 28, 1], 'lenet5'],
    [[32, 32, 3], 'resnet8'],
    [[96, 96, 3], 'mobilenet-v1'],
    [[1, 1, 20], 'mlp'],
    [[1, 128, 6], 'cnn1d'],
  ] as const)('fit %j', (input, architecture) => {
    expect(fittingArchitecture(input)).toBe(architecture);
    expect(architectureChoices(input, 10)[0]?.architecture).toBe(architecture);
  });

  it('leave out networks that the input cannot feed', () => {
    const offered = architectureChoices([1, 1, 4], 3).map(({ architecture }) => architecture);
    expect(offered).toContain('mlp');
    expect(offered).not.toContain('lenet5');
    const sequences = ['cnn1d', 'tcn'];
    // It puts out its input, and classes of nothing.
    const others = [...sequences, 'autoencoder'];
    const forImages = ARCHITECTURES.filter((each) => !others.includes(each));
    const ofImages = architectureChoices([32, 32, 3], 10);
    expect(ofImages.map(({ architecture }) => architecture).sort()).toEqual(forImages.sort());
    const ofSequences = architectureChoices([1, 128, 6], 10);
    expect(ofSequences.map(({ architecture }) => architecture)).toEqual(
      expect.arrayContaining(sequences),
    );
  });

  it('are budgets that the network can meet', () => {
    for (const { architecture } of architectureChoices([32, 32, 3], 10)) {
      const network = { input: [32, 32, 3], classes: 10, architecture, width: 8 } as const;
      const { flash, ram } = suggestedBudget(network);
      expect(checkFlash(flash, network)?.severity).toBe('information');
      expect(checkRam(ram, network)?.severity).toBe('information');
    }
  });

  it('are names that are not taken', () => {
    const folder = scratch();
    expect(suggestedFile({ folder, train: 'data/mnist/train-images.idx' })).toBe('mnist.east.json');
    writeFileSync(join(folder, 'mnist.east.json'), '{}');
    expect(suggestedFile({ folder, train: 'data/mnist/x.idx' })).toBe('mnist_2.east.json');
    expect(suggestedFirmware({ folder, train: 'mnist/x.idx' })).toBe('firmware/east');
    mkdirSync(join(folder, 'firmware/east'), { recursive: true });
    expect(suggestedFirmware({ folder, train: 'mnist/x.idx' })).toBe('firmware/mnist');
  });

  it('say what a found data set is', () => {
    const found = { format: 'idx', train: 'a', input: [28, 28, 1], classes: 10, examples: 60000 };
    expect(describeData({ ...found, format: 'idx', input: [28, 28, 1] })).toBe(
      '28×28×1 · 10 classes · 60,000 training examples · no test set found',
    );
  });
});

describe('choicesOf', () => {
  it('makes a config whose paths are relative to it', () => {
    const all = answers('/ws', {
      file: 'models/digits',
      format: 'idx',
      train: 'data/train.idx',
      trainLabels: 'data/l.idx',
      test: 'models/test.idx',
      testLabels: 'models/tl.idx',
    });
    const { text, errors } = draftConfig(choicesOf(all), '/ws/models/digits.east.json', '/ws');
    expect(errors).toEqual([]);
    expect(text).toContain('"train": "../data/train.idx"');
    expect(text).toContain('"test": "test.idx"');
    expect(parseConfig(text, '/ws/models/digits.east.json', '/ws').config).toMatchObject({
      name: 'digits',
      model: { architecture: 'lenet5', width: 6, input: [28, 28, 1], classes: 10 },
      dataset: { train: '/ws/data/train.idx', testLabels: '/ws/models/tl.idx' },
      budget: { flash: 32768, ram: 16384 },
      firmware: { directory: '/ws/firmware/east' },
    });
  });
});

describe('a network in a file', () => {
  const fixture = async (name: string): Promise<Imported> => {
    const { facts, network, problem } = await readModelFile(resolve('test/fixtures/models', name));
    if (network === undefined) throw new Error(problem);
    return { modelFile: `models/${basename(name)}`, model: { ...defined({ facts }), network } };
  };

  it('that computes in floating point can be quantised or made to fit', async () => {
    const imported = await fixture('keras/plain.keras');
    const [quantise, fit] = useChoices(imported, '64KiB');
    expect(quantise).toMatchObject({
      use: 'quantize',
      description: expect.stringMatching(/^takes [\d.]+ KiB of 64\.0 KiB$/) as string,
    });
    expect(quantise).not.toHaveProperty('problem');
    expect(fit).toMatchObject({
      use: 'fit',
      description: 'there is room for all of its weights',
    });
    expect(describeModel(imported.model)).toMatch(
      /^Keras 3\.\d+\.\d+, float · 12×10×3 to 5 outputs · 690 weights · \d+ layers$/,
    );
  });

  it('that is too large as it is can only be made to fit', async () => {
    const imported = await fixture('tflite/cnn-int8.tflite');
    expect(useChoices(imported, '64KiB').map(({ use }) => use)).toEqual(['as-is', 'fit']);
    const undecided = suggestedBudget({ imported }).flash;
    expect(checkFlash(undecided, { imported })?.message).toMatch(
      /^With all of its weights, 8 bits each, the network takes [\d.]+ KiB\.$/,
    );
    // A little more than what stays of it with every weight pruned.
    const needed = /At least ([\d.]+) KiB/.exec(
      checkFlash('100', { imported })?.message ?? '',
    )?.[1];
    const small = `${Number(needed) + 0.5}KiB`;
    expect(checkFlash(small, { imported })?.message).toMatch(/: it can be made to fit\.$/);
    const [fit, kept] = useChoices(imported, small);
    expect(fit).toMatchObject({
      use: 'fit',
      description: expect.stringMatching(
        /^about \d+ % of its weights can stay non-zero$/,
      ) as string,
    });
    expect(kept).toMatchObject({
      use: 'as-is',
      description: expect.stringMatching(/^takes [\d.]+ KiB, [\d.]+ (KiB|B) too much$/) as string,
      problem: expect.stringMatching('Make it fit') as string,
    });
    expect(checkFlash('100', { imported })?.severity).toBe('error');
  });

  it('is used with examples of its own input', async () => {
    const imported = await fixture('keras/plain.keras');
    const found = { train: 'x', format: 'idx', input: [12, 10, 3], classes: 5 } as const;
    expect(dataProblem(found, imported)).toBeUndefined();
    expect(dataProblem({ ...found, input: [28, 28, 1] }, imported)).toBe(
      'its examples are 28×28×1, but the network takes 12×10×3',
    );
    expect(dataProblem({ ...found, format: 'images', input: [12, 10, 1] }, imported)).toBe(
      undefined,
    );
    expect(dataProblem({ ...found, input: [28, 28, 1] })).toBeUndefined();
  });

  it('takes what it takes where no weight is pruned, and as little as one likes where it is made to fit', async () => {
    const imported = await fixture('keras/plain.keras');
    const kept = { imported, use: 'quantize' } as const;
    const { flash, ram } = suggestedBudget(kept);
    expect(checkFlash(flash, kept)?.severity).toBe('information');
    expect(checkRam(ram, kept)?.severity).toBe('information');
    const { message = '' } = checkFlash('1', kept) ?? {};
    expect(message).toMatch(/^As it is, the network takes [\d.]+ KiB\. Go back and choose Make it/);
    const least = / ([\d.]+ KiB)/.exec(message)?.[1]?.replace(' ', '') ?? '';
    expect(checkFlash(least, kept)?.severity).toBe('information');
    expect(checkFlash('1', { imported, use: 'fit' })?.message).toMatch('every weight pruned');
  });

  it('gives a config that names it, with data only where that is needed', async () => {
    const imported = await fixture('keras/plain.keras');
    const folder = scratch();
    const common = {
      folder,
      imported,
      flash: '16KiB',
      ram: '16KiB',
      firmware: 'firmware/east',
      file: 'configs/plain',
    };
    const fit = draftConfig(
      choicesOf({
        ...common,
        use: 'fit',
        format: 'numpy',
        train: 'data/x.npz',
        test: 'data/y.npz',
      }),
      join(folder, 'configs/plain.east.json'),
      folder,
    );
    expect(fit.errors).toEqual([]);
    expect(fit.text).toMatch('"file": "../models/plain.keras"');
    expect(fit.text).toMatch('"use": "fit"');
    expect(fit.text).toMatch('"train": "../data/x.npz"');
    expect(fit.text).not.toMatch('architecture');
    const asIs = draftConfig(
      choicesOf({ ...common, use: 'as-is' }),
      join(folder, 'configs/plain.east.json'),
      folder,
    );
    expect(asIs.errors).toEqual([]);
    expect(asIs.text).not.toMatch(/"(dataset|training|east)": \{/);
    expect(fit.text).not.toMatch(/"(epochs|augment)"/);
  });

  it('is given examples as its file says, as the config has them', async () => {
    const { model, ...rest } = await fixture('keras/normalised.keras');
    expect(model.facts?.normalization).toBeDefined();
    const folder = scratch();
    const { text, errors } = draftConfig(
      choicesOf({
        ...{ folder, imported: { model, ...rest }, use: 'quantize', flash: '64KiB', ram: '64KiB' },
        ...{ firmware: 'firmware/east', file: 'net' },
        ...{ format: 'images', train: 'data/train', test: 'data/test' },
      }),
      join(folder, 'net.east.json'),
      folder,
    );
    expect(errors).toEqual([]);
    expect(text).toMatch(/"normalize": \{ .*"mean": .*, "std": .* \}/);
    expect(text).not.toMatch(/"(training|east)": \{/);
  });

  it('gives config and firmware folder their names', async () => {
    const imported = await fixture('keras/plain.keras');
    expect(suggestedFile({ folder: scratch(), imported })).toBe('plain.east.json');
  });
});
