/**
 * What the wizard proposes can be trained: for many kinds of data sets, sound and not, every draft made of nothing but
 * what was found and what is suggested trains a step.
 */
import { encode as encodePng } from 'fast-png';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { draftConfig } from '../../../src/core/advice/draft-config';
import { findDatasets, type FoundDataset } from '../../../src/core/dataset/find-datasets';
import { loadConfigAndModel } from '../../../src/core/models/gather-model';
import { DEFAULT_WIDTH } from '../../../src/core/models/architectures';
import { actions } from '../../../src/core/run/all-actions';
import { RunStore } from '../../../src/core/run/run-store';
import { createRandom, type Random } from '../../../src/core/util/random';
import { architectureChoices } from '../../../src/extension/create-config/network-choices';
import { checkFile } from '../../../src/extension/create-config/check-answers';
import { choicesOf, fileOf } from '../../../src/extension/create-config/template-of-answers';
import {
  suggestedBudget,
  suggestedFile,
  suggestedFirmware,
} from '../../../src/extension/create-config/suggestions';
import type { Answers } from '../../../src/extension/create-config/answers';
import { bytesOf, idx, npy, npz, TemporaryFolder } from '../dataset/files-for-tests';
import { defined } from '../../../src/core/util/defined';

/** Folders of the data, in turn. */
const FOLDERS = ['data', 'meter (copy)/data', 'a[1]', '{x}', 'ü ß', 'two words'];

type Label = number | string;
const LABELS: readonly (readonly Label[])[] = [
  ['walk', 'run', 'sit'],
  [0, 1],
  [1, 2, 3],
  [0, 2, 7],
  ['True', 'False'],
  ['Nüsse', 'Kette'],
  [5, 6],
];

/** Writes a training and a test set. @returns whether it can be trained without a question */
type Writer = (
  to: TemporaryFolder,
  folder: string,
  random: Random,
  labels: readonly Label[],
) => void;

const rows = (random: Random): number => 24 + random.int(40);
const at = <T>(list: readonly T[], i: number): T => list[i % list.length]!;

function table(header: string, row: (i: number, label: Label) => string): Writer {
  return (to, folder, random, labels) => {
    for (const name of ['train', 'test']) {
      const lines = Array.from({ length: rows(random) }, (_, i) =>
        row(i, at(labels, Math.floor(i / 4))),
      );
      to.write(`${folder}/${name}.csv`, `${header}\n${lines.join('\n')}\n`);
    }
  };
}

const wave = (i: number, k: number): string => (10 * Math.sin(i * k + k)).toFixed(3);
const comma = (text: string): string => text.replace('.', ',');

const SOUND: Readonly<Record<string, Writer>> = {
  'a table of a sensor with time': table('timestamp,x,y,z,activity', (i, label) =>
    [20 * i, i % 5, i % 7, i % 3, label].join(),
  ),
  'a table whose label comes first': table('label,f1,f2,f3,f4', (i, label) =>
    [label, wave(i, 1), wave(i, 2), wave(i, 3), i % 2].join(),
  ),
  'a table with decimal commas and units': table('"ax, m/s2";"ay, m/s2";class', (i, label) =>
    [comma(wave(i, 1)), comma(wave(i, 2)), label].join(';'),
  ),
  'a table with index, subject and two forms of the label': table(
    ',subject,gyro_x,gyro_y,class_id,class_name',
    (i, label) => [i, Math.floor(i / 9), wave(i, 1), wave(i, 4), `c${label}`, label].join(),
  ),
  'a table of several files': (to, folder, random, labels) => {
    for (const name of ['train_1', 'train_2', 'test_1']) {
      const lines = Array.from({ length: rows(random) }, (_, i) =>
        [wave(i, 1), wave(i, 2), at(labels, i)].join('\t'),
      );
      to.write(`${folder}/${name}.csv`, `sep=\t\na\tb\tlabel\r\n${lines.join('\r\n')}`);
    }
  },
  'IDX, one packed': (to, folder, random, labels) => {
    for (const [set, pack] of [
      ['train', true],
      ['t10k', false],
    ] as const) {
      const n = rows(random);
      const pixels = Uint8Array.from({ length: n * 64 }, () => random.int(256));
      const images = idx([n, 8, 8], pixels);
      to.write(
        `${folder}/${set}-images-idx3-ubyte${pack ? '.gz' : ''}`,
        pack ? gzipSync(images) : images,
      );
      const numbers = Uint8Array.from({ length: n }, (_, i) => labels.indexOf(at(labels, i)) + 1);
      to.write(`${folder}/${set}-labels-idx1-ubyte`, idx([n], numbers));
    }
  },
  'an archive of both sets': (to, folder, random, labels) => {
    const set = () => {
      const n = rows(random);
      const values = Float32Array.from({ length: n * 40 }, () => random.normal());
      return { x: npy('<f4', [n, 20, 2], bytesOf(values)), y: labelArray(labels, n) };
    };
    const [train, test] = [set(), set()];
    to.write(
      `${folder}/all.npz`,
      npz({ x_train: train.x, y_train: train.y, x_test: test.x, y_test: test.y }),
    );
  },
  'arrays in files of their own': (to, folder, random, labels) => {
    for (const set of ['train', 'test']) {
      const n = rows(random);
      const values = Uint8Array.from({ length: n * 12 * 9 }, () => random.int(256));
      to.write(`${folder}/x_${set}.npy`, npy('|u1', [n, 12, 9, 1], values));
      to.write(`${folder}/y_${set}.npy`, labelArray(labels, n));
    }
  },
  'pictures by class': (to, folder, random, labels) => {
    for (const set of ['train', 'test']) {
      for (const label of labels) {
        for (let i = 0; i < 4 + random.int(3); i++) {
          to.write(`${folder}/${set}/${label}/${i}.png`, picture(random));
        }
      }
    }
  },
  'pictures in folders that are links': (to, folder, random, labels) => {
    for (const set of ['train', 'test']) {
      for (const label of labels) {
        for (let i = 0; i < 4; i++)
          to.write(`${folder}/all/${set}${label}/${i}.png`, picture(random));
        to.write(`${folder}/${set}/.keep`, '');
        symlinkSync(`../all/${set}${label}`, path.join(to.path, folder, set, String(label)));
      }
    }
  },
};

function picture(random: Random): Uint8Array {
  const data = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.int(256));
  return encodePng({ width: 8, height: 8, channels: 3, depth: 8, data });
}

function labelArray(labels: readonly Label[], n: number): Uint8Array {
  const values = Array.from({ length: n }, (_, i) => at(labels, i));
  if (values.every((value) => typeof value === 'number')) {
    return npy('<i8', [n], bytesOf(BigInt64Array.from(values, (value) => BigInt(value))));
  }
  const width = Math.max(...values.map((value) => String(value).length));
  const bytes = Buffer.alloc(4 * width * n);
  values.forEach((value, i) =>
    [...String(value)].forEach((character, k) =>
      bytes.writeUInt32LE(character.codePointAt(0)!, 4 * (i * width + k)),
    ),
  );
  return npy(`<U${width}`, [n], bytes);
}

/** None of these can be trained as it is; nothing is proposed for them, or with the problem only. */
const UNSOUND: Readonly<Record<string, Writer>> = {
  'a measured quantity for a label': table('a,b,target', (i) =>
    [wave(i, 1), wave(i, 2), wave(i, 3)].join(),
  ),
  'one class': table('a,b,label', (i) => [wave(i, 1), wave(i, 2), 'idle'].join()),
  'gaps in the values': table('a,b,label', (i, label) =>
    [wave(i, 1), i === 9 ? '' : wave(i, 2), label].join(),
  ),
  'not a number': table('a,b,label', (i, label) =>
    [wave(i, 1), i === 9 ? 'NaN' : wave(i, 2), label].join(),
  ),
  'a class of the test set that the training set does not have': (to, folder) => {
    const line = (label: string) => (_: unknown, i: number) =>
      `${wave(i, 1)},${wave(i, 2)},${i % 2 === 0 ? 'a' : label}`;
    for (const [set, label] of [
      ['train', 'b'],
      ['test', 'c'],
    ] as const) {
      const lines = Array.from({ length: 20 }, line(label));
      to.write(`${folder}/${set}.csv`, `x,y,label\n${lines.join('\n')}\n`);
    }
  },
  'one-hot labels': (to, folder) => {
    for (const set of ['train', 'test']) {
      to.write(
        `${folder}/x_${set}.npy`,
        npy(
          '|u1',
          [20, 6],
          new Uint8Array(120).map((_, i) => i),
        ),
      );
      to.write(
        `${folder}/y_${set}.npy`,
        npy(
          '|u1',
          [20, 2],
          new Uint8Array(40).map((_, i) => i % 2),
        ),
      );
    }
  },
  'values that are none': (to, folder) => {
    const values = Float32Array.from({ length: 120 }, (_, i) => (i === 77 ? NaN : i));
    const y = npy(
      '|u1',
      [20],
      new Uint8Array(20).map((_, i) => i % 2),
    );
    to.write(`${folder}/all.npz`, npz({ x: npy('<f4', [20, 6], bytesOf(values)), y }));
  },
  'pictures of two sizes': (to, folder, random) => {
    for (const set of ['train', 'test']) {
      for (const name of ['a', 'b']) {
        for (let i = 0; i < 40; i++) to.write(`${folder}/${set}/${name}/${i}.png`, picture(random));
        const data = new Uint8Array(7 * 9 * 3);
        to.write(
          `${folder}/${set}/${name}/3.png`,
          encodePng({ width: 7, height: 9, channels: 3, depth: 8, data }),
        );
      }
    }
  },
  'black pictures': (to, folder) => {
    const data = new Uint8Array(8 * 8);
    for (const name of ['train/a', 'train/b', 'test/a', 'test/b']) {
      for (let i = 0; i < 3; i++) {
        to.write(
          `${folder}/${name}/${i}.png`,
          encodePng({ width: 8, height: 8, channels: 1, depth: 8, data }),
        );
      }
    }
  },
};

const made: TemporaryFolder[] = [];
afterAll(() => made.forEach((folder) => folder.remove()));

function workspaceWith(
  write: Writer,
  folder: string,
  seed: number,
  labels: readonly Label[],
): string {
  const temporary = new TemporaryFolder();
  made.push(temporary);
  write(temporary, folder, createRandom(seed), labels);
  temporary.write('.vscode/settings.json', '{}');
  return temporary.path;
}

/** As somebody does who presses Enter at every step of the wizard. */
function answersFor(workspace: string, found: FoundDataset): Answers | undefined {
  const { format, train, test, trainLabels, testLabels, label, columns, input, classes } = found;
  if (test === undefined || input === undefined || classes === undefined) return undefined;
  const { architecture } = architectureChoices(input, classes)[0]!;
  const network = { input, classes, architecture, width: DEFAULT_WIDTH[architecture] };
  const draft = {
    folder: workspace,
    ...{ format, train, test },
    ...defined({ trainLabels, testLabels, label, columns }),
    ...network,
    ...suggestedBudget(network),
  };
  return { ...draft, firmware: suggestedFirmware(draft), file: suggestedFile(draft) };
}

async function trainStep(workspace: string, answers: Answers): Promise<number> {
  expect(checkFile(answers, () => workspace)).toBeUndefined();
  const file = fileOf(answers);
  const { text, errors } = draftConfig(choicesOf(answers), file, workspace);
  expect(errors).toEqual([]);
  writeFileSync(file, text);
  const { config } = await loadConfigAndModel(file);
  await actions.plan(config);
  const folder = new RunStore(workspace).create(config, text);
  const stop = new AbortController();
  let steps = 0;
  try {
    await actions.run({
      config: { ...config, engine: 'wasm', training: { ...config.training, shards: 1 } },
      folder,
      signal: stop.signal,
      onEvent: ({ type }) => {
        if (type !== 'step') return;
        steps++;
        stop.abort();
      },
      onNote: () => undefined,
    });
  } finally {
    folder.close();
  }
  return steps;
}

describe('what the wizard proposes', () => {
  it.each(Object.entries(SOUND))('of %s trains a step', async (name, write) => {
    const n = Object.keys(SOUND).indexOf(name);
    for (const round of [0, 3]) {
      const folder = at(FOLDERS, n + round);
      const workspace = workspaceWith(write, folder, n + 1, at(LABELS, n + round));
      const found = await findDatasets(workspace);
      const drafts = found
        .filter(({ problem }) => problem === undefined)
        .flatMap((each) => answersFor(workspace, each) ?? []);
      expect(drafts, `${folder}: ${JSON.stringify(found)}`).toHaveLength(1);
      expect(await trainStep(workspace, drafts[0]!)).toBeGreaterThan(0);
    }
  });

  it.each(Object.entries(UNSOUND))(
    'of %s is nothing, or the reason why not',
    async (name, write) => {
      const n = Object.keys(UNSOUND).indexOf(name);
      const workspace = workspaceWith(write, at(FOLDERS, n), n, LABELS[0]!);
      for (const found of await findDatasets(workspace)) {
        if (found.problem === undefined) expect(answersFor(workspace, found)).toBeUndefined();
        else expect(found.problem.length).toBeGreaterThan(20);
      }
    },
  );
});
