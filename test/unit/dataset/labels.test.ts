import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  classesOf,
  countLabel,
  type Label,
  type LabelUses,
} from '../../../src/core/dataset/classes';
import type { Dataset } from '../../../src/core/dataset/dataset';
import {
  bytesOf,
  counting,
  cycle,
  datasetConfig,
  idx,
  npy,
  npz,
  TemporaryFolder,
  userErrorOf,
} from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const COUNT = 52;
/** COUNT examples of two bytes; label i belongs to example i. */
const EXAMPLES = npy('|u1', [COUNT, 2], counting(2 * COUNT));

const repeat = (labels: readonly Label[]): Label[] =>
  Array.from({ length: COUNT }, (_, i) => labels[i % labels.length]!);

/** NumPy's `<U…` or `|S…`. */
function texts(labels: readonly string[], wide = true, big = false): Uint8Array {
  const width = Math.max(
    ...labels.map((label) => (wide ? [...label].length : Buffer.from(label).length)),
  );
  const bytes = Buffer.alloc(labels.length * width * (wide ? 4 : 1));
  labels.forEach((label, i) => {
    if (!wide) bytes.write(label, i * width, 'utf8');
    else {
      [...label].forEach((character, k) => {
        const at = 4 * (i * width + k);
        if (big) bytes.writeUInt32BE(character.codePointAt(0)!, at);
        else bytes.writeUInt32LE(character.codePointAt(0)!, at);
      });
    }
  });
  return npy(`${wide ? (big ? '>U' : '<U') : '|S'}${width}`, [labels.length], bytes);
}

function integers(labels: readonly Label[]): Uint8Array {
  return npy('<i4', [labels.length], bytesOf(Int32Array.from(labels, Number)));
}

type Kind = 'csv' | 'idx' | 'npy' | 'npz';

/** Loads COUNT examples with these labels, the same as test set. */
function load(
  kind: Kind,
  labels: readonly Label[],
  classes: number,
  tests = labels,
): Promise<Dataset> {
  const model = { input: [1, 1, 2], classes } as const;
  const at = (name: string): string => path.join(folder.path, name);
  if (kind === 'csv') {
    const table = (rows: readonly Label[]) =>
      `a,b,label\n${rows.map((label, i) => `${i},${2 * i},${label}`).join('\n')}\n`;
    folder.write('train.csv', table(labels));
    folder.write('test.csv', table(tests));
    return folder.load(
      datasetConfig({
        format: 'csv',
        train: at('train.csv'),
        test: at('test.csv'),
        label: 'label',
      }),
      model,
      1,
    );
  }
  if (kind === 'idx') {
    const write = (set: string, values: readonly Label[]): void => {
      folder.write(`${set}-images`, idx([values.length, 2], counting(2 * values.length)));
      folder.write(`${set}-labels`, idx([values.length], Uint8Array.from(values, Number)));
    };
    write('train', labels);
    write('test', tests);
  } else {
    const array = (values: readonly Label[]) =>
      values.every((value) => typeof value === 'string') ? texts(values) : integers(values);
    folder.write('train-images', EXAMPLES);
    folder.write('test-images', EXAMPLES);
    folder.write('train-labels', array(labels));
    folder.write('test-labels', array(tests));
    folder.write('all.npz', npz({ x: EXAMPLES, y_train: array(labels), y_test: array(tests) }));
  }
  return folder.load(
    kind === 'npz'
      ? datasetConfig({ format: 'numpy', train: at('all.npz'), test: at('all.npz') })
      : datasetConfig({
          format: kind === 'npy' ? 'numpy' : 'idx',
          train: at('train-images'),
          test: at('test-images'),
          trainLabels: at('train-labels'),
          testLabels: at('test-labels'),
        }),
    model,
    1,
  );
}

const messageOf = async (...args: Parameters<typeof load>): Promise<string> =>
  folder.relative(await userErrorOf(() => load(...args)));

const ALL: readonly Kind[] = ['csv', 'idx', 'npy', 'npz'];

describe.each(ALL)('labels of %s', (kind) => {
  const NUMBERS: [string, number[]][] = [
    ['from zero', [0, 1, 2]],
    ['from one', [1, 2, 3]],
    ['with gaps', [0, 2, 7]],
    ['in any order', [200, 3, 40]],
    ['twenty-six letters from one', Array.from({ length: 26 }, (_, i) => i + 1)],
  ];

  it.each(NUMBERS)('%s are numbered in their order', async (_, labels) => {
    const { test, outputNames, notes } = await load(kind, repeat(labels), labels.length);
    const sorted = [...labels].sort((a, b) => a - b);
    expect(outputNames).toEqual(sorted.map(String));
    expect([...test.targets]).toEqual(repeat(labels).map((label) => sorted.indexOf(Number(label))));
    const plain = sorted.every((label, i) => label === i);
    expect(notes).toHaveLength(plain ? 0 : 1);
    if (!plain)
      expect(notes?.[0]).toMatch(
        /^labels .* of the training set are classes 0 … \d+, in that order$/,
      );
  });

  it('a wrong number of classes gets one message, and following it helps', async () => {
    for (const [labels, classes] of [
      [[1, 2, 3], 2],
      [[1, 2, 3], 4],
      [[0, 1, 2, 5], 6],
      [[0, 1], 3],
      [[3, 9], 65536],
    ] as const) {
      const message = await messageOf(kind, repeat(labels), classes);
      expect(message).toContain(
        `the training set has ${labels.length} different labels (${labels.join(', ')}) but model.classes is ${classes}; set model.classes to ${labels.length}`,
      );
      const right = Number(/set model\.classes to (\d+)/.exec(message)?.[1]);
      expect((await load(kind, repeat(labels), right)).outputNames).toHaveLength(right);
    }
  });

  it('names a label that is more likely a slip, and what the training set does not have', async () => {
    const slip = [...repeat([1, 2]).slice(1), 77];
    expect(await messageOf(kind, slip, 2)).toMatch(
      /set model\.classes to 3, or mend label 77, which is there only once \(.*(line 53|example 51)\)$/,
    );
    expect(await messageOf(kind, repeat([1, 2]), 2, repeat([1, 2, 3]))).toMatch(
      /label "?3"? is none of the training set's 2 \(1, 2\)/,
    );
    expect(await messageOf(kind, repeat([4]), 2)).toContain(
      'every label of the training set is 4; there must be examples of at least two classes',
    );
    const measured = Array.from({ length: COUNT }, (_, i) => i + 100);
    expect(await messageOf(kind, measured, 10)).toContain(
      'for 52 examples; these look like measurements: set "task" to "regression" to have the network tell them, or sort the values into classes and give those as labels',
    );
  });
});

describe('targets of a regression', () => {
  const CLASSES_ONLY =
    'set "task" to "regression" to have the network tell them, or sort the values into classes and give those as labels';

  it('of a table are told by their fractions, however few they are, and by how many whole ones there are', async () => {
    const half = repeat(['-0.5', '0.5', '1.0', '"1,5"']);
    expect(await messageOf('csv', half, 2)).toMatch(
      /the training set has 4 different labels \(.*\) for 52 examples; these look like measurements: set/,
    );
    const price = Array.from({ length: COUNT }, (_, i) => 1000 + 7 * i);
    expect(await messageOf('csv', price, 10)).toContain(CLASSES_ONLY);
  });

  it('of a table may be classes all the same, as 1.0 and 2.5 volts are', async () => {
    expect((await load('csv', repeat(['1.0', '2.5']), 2)).outputNames).toEqual(['1.0', '2.5']);
    expect(await messageOf('csv', repeat(['1.0', '2.0', '3.0']), 2)).toContain(
      'set model.classes to 3',
    );
  });
});

describe.each(['csv', 'npy', 'npz'] as const)('names as labels of %s', (kind) => {
  it('are numbered by code unit, whatever Unicode form they have', async () => {
    const decomposed = 'Nüsse'.normalize('NFD');
    const labels = repeat(['Kette', decomposed, 'Nüsse', 'ab c']);
    const { test, outputNames, notes } = await load(kind, labels, 3);
    expect(outputNames).toEqual(['Kette', 'Nüsse', 'ab c']);
    expect([...test.targets]).toEqual(repeat([0, 1, 1, 2]));
    expect(notes).toEqual([]);
  });

  it('may be negative or truth values', async () => {
    expect((await load(kind, repeat(['True', 'False']), 2)).outputNames).toEqual(['False', 'True']);
    const { outputNames, test } = await load(kind, repeat([-1, 1]), 2);
    expect(outputNames).toEqual(['-1', '1']);
    expect([...test.targets]).toEqual(repeat([0, 1]));
  });

  it('of another number than the model has get one message', async () => {
    expect(await messageOf(kind, repeat(['a', 'b', 'c']), 2)).toContain(
      'the training set has 3 different labels (a, b, c) but model.classes is 2; set model.classes to 3',
    );
    expect(await messageOf(kind, repeat(['a', 'b']), 2, repeat(['a', 'c']))).toContain(
      `label "c" is none of the training set's 2 (a, b)`,
    );
  });
});

describe('labels in NumPy files', () => {
  const model = { input: [1, 1, 2], classes: 2 } as const;
  const loadFile = (arrays: Record<string, Uint8Array>, classes = 2) => {
    const file = folder.write('one.npz', npz({ x: EXAMPLES, ...arrays }));
    const config = datasetConfig({ format: 'numpy', train: file, test: file });
    return folder.load(config, { ...model, classes }, 1);
  };

  it('may be truth values, bytes of text, and text of either byte order', async () => {
    const truth = npy('|b1', [COUNT], cycle(COUNT, 2));
    expect([...(await loadFile({ y: truth })).test.targets]).toEqual(repeat([0, 1]));
    const names = repeat(['Ölwechsel', 'ok']).map(String);
    for (const y of [texts(names), texts(names, true, true), texts(names, false)]) {
      const { outputNames, test } = await loadFile({ y });
      expect(outputNames).toEqual(['ok', 'Ölwechsel']);
      expect([...test.targets]).toEqual(repeat([1, 0]));
    }
  });

  it('take the names that the archive gives the classes', async () => {
    const y = integers(repeat([1, 2, 3]));
    const names = texts(['rot', 'grün', 'blau']);
    for (const key of ['class_names', 'classes', 'label_names', 'target_names', 'names']) {
      expect((await loadFile({ y, [key]: names }, 3)).outputNames).toEqual(['rot', 'grün', 'blau']);
    }
    const { outputNames, notes } = await loadFile({ y, classes: texts(['only', 'two']) }, 3);
    expect(outputNames).toEqual(['1', '2', '3']);
    expect(notes?.at(-1)).toMatch(
      /^the 2 class names in .*one\.npz are not used: there are 3 classes$/,
    );
    const twice = await loadFile({ y, classes: texts(['rot', 'blau', 'rot']) }, 3);
    expect(twice.notes?.at(-1)).toMatch(/are not used: two classes are called "rot"$/);
    const objects = { class_names: npy('|O', [3], new Uint8Array(8)) };
    expect((await loadFile({ y, ...objects }, 3)).notes?.at(-1)).toMatch(
      /^array "class_names" of .*one\.npz cannot be read, so that classes are called by their labels; save it as text/,
    );
    // A number of classes under that name is none of their names.
    expect((await loadFile({ y, classes: integers([3]) }, 3)).outputNames).toEqual(['1', '2', '3']);
  });

  it('must have one list of names in both sets', async () => {
    const y = integers(repeat([0, 1]));
    const save = (name: string, names: string[]) =>
      folder.write(name, npz({ x: EXAMPLES, y, class_names: texts(names) }));
    const config = datasetConfig({
      format: 'numpy',
      train: save('named.npz', ['a', 'b']),
      test: save('turned.npz', ['b', 'a']),
    });
    const text = await userErrorOf(() => folder.load(config, { ...model, classes: 2 }, 1));
    expect(folder.relative(text)).toBe(
      '$/turned.npz: class 0 is "b" in its list of names, but "a" in that of named.npz: labels of the same number must be of the same class; save all files with the same list of names',
    );
  });

  it('are refused as objects, as empty text, as fractions and as rows of several', async () => {
    const message = async (arrays: Record<string, Uint8Array>) =>
      folder.relative(await userErrorOf(() => loadFile(arrays)));
    expect(await message({ y: npy('|O', [COUNT], new Uint8Array(8)) })).toBe(
      '$/one.npz: array "y" holds Python objects; save plain numbers, or names with .astype(str)',
    );
    const gap = texts([...repeat(['a', 'b']).map(String).slice(1), '']);
    expect(await message({ y: gap })).toMatch(
      /one\.npz: a label is empty: array "y" at byte \d+, example 51$/,
    );
    const half = npy('<f4', [COUNT], bytesOf(Float32Array.from(repeat([0, 1.5]), Number)));
    expect(await message({ y: half })).toMatch(
      /: label 1\.5 \(array "y" at byte \d+, example 1\) is neither a whole number nor a name; set "task" to "regression" to have the network tell them, or sort the values into classes and give those as labels$/,
    );
    expect(await message({ y: npy('|u1', [COUNT, 2], cycle(2 * COUNT, 2)) })).toBe(
      '$/one.npz: array "y" holds labels of 52×2; give one class per example, not one-hot rows; where several may hold at once, the task is "multi-label"',
    );
    expect(await message({ x: texts(repeat(['a', 'b']).map(String)) })).toContain(
      'holds examples of 1',
    );
  });

  it('must be of one kind in all files of a set', async () => {
    const at = (name: string): string => path.join(folder.path, name);
    for (const n of [1, 2]) folder.write(`x${n}.npy`, EXAMPLES);
    folder.write('y1.npy', integers(repeat([0, 1])));
    folder.write('y2.npy', texts(repeat(['a', 'b']).map(String)));
    const config = datasetConfig({
      format: 'numpy',
      train: at('x*.npy'),
      trainLabels: at('y*.npy'),
      test: at('x1.npy'),
      testLabels: at('y1.npy'),
    });
    expect(folder.relative(await userErrorOf(() => folder.load(config, model, 1)))).toBe(
      '$/y1.npy: holds numbers, but other labels of the training set are names',
    );
  });
});

it('a list of many labels is told by its beginning and its end', () => {
  const uses: LabelUses = new Map();
  for (let i = 0; i < 100; i++) countLabel(uses, i % 40, () => '');
  expect(() => classesOf(uses, 10, 'f')).toThrow(
    '40 different labels (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …, 39) but model.classes is 10; set model.classes to 40',
  );
});
