/** What the wizard makes of sounds and of tables with a number to be told: configs without an error. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { draftConfig } from '../../../src/core/advice/draft-config';
import { findDatasets } from '../../../src/core/dataset/find-datasets';
import { lookForTargets } from '../../../src/core/dataset/look-at-data';
import { DEFAULT_WIDTH } from '../../../src/core/models/architectures';
import { defined } from '../../../src/core/util/defined';
import { architectureChoices } from '../../../src/extension/create-config/network-choices';
import { choicesOf, fileOf } from '../../../src/extension/create-config/template-of-answers';
import { outputsOf, taskChoices } from '../../../src/extension/create-config/task-choices';
import { suggestedBudget } from '../../../src/extension/create-config/suggestions';
import type { TaskChoice } from '../../../src/core/config/task-choices';
import type { Answers } from '../../../src/extension/create-config/answers';
import { TemporaryFolder, wav } from '../dataset/files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

const sound = Float64Array.from({ length: 22050 }, (_, i) => 0.5 * Math.sin(i / 9));
for (const word of ['go', 'stop']) {
  for (const set of ['train', 'test']) {
    for (const name of ['1', '2']) {
      folder.write(`words/${set}/${word}/${name}.wav`, wav(sound, { sampleRate: 22050 }));
    }
  }
}
for (const name of ['1', '2']) {
  folder.write(`motor/train/normal/${name}.wav`, wav(sound, { sampleRate: 8000 }));
  for (const kind of ['normal', 'broken']) {
    folder.write(`motor/test/${kind}/${name}.wav`, wav(sound, { sampleRate: 8000 }));
  }
}
const rows = Array.from(
  { length: 40 },
  (_, i) => `${i % 7},${(i * 0.37) % 5},${((i * 13) % 40) / 8 - 3}`,
);
folder.write('tank/train.csv', ['flow,pressure,level', ...rows].join('\n'));

type Drafted = Omit<
  Answers,
  'folder' | 'architecture' | 'width' | 'flash' | 'ram' | 'firmware' | 'file'
>;

function drafted(answers: Drafted) {
  const { input, task, frontend } = answers;
  const classes = (task && outputsOf(task, input)) ?? answers.classes;
  const [{ architecture } = { architecture: 'mlp' as const }] = architectureChoices(
    input,
    classes,
    defined({ task, frontend }),
  );
  const network = { input, classes, architecture, width: DEFAULT_WIDTH[architecture] };
  const all: Answers = {
    ...answers,
    ...network,
    folder: folder.path,
    ...suggestedBudget(network),
    firmware: 'firmware/east',
    file: 'model',
  };
  return { architecture, ...draftConfig(choicesOf(all), fileOf(all), folder.path) };
}

describe('folders of sounds', () => {
  it('are found with a front end, and with the tasks that they may be for', async () => {
    const found = (await findDatasets(folder.path)).filter(({ format }) => format === 'wav');
    expect(found).toEqual([
      {
        format: 'wav',
        train: 'motor/train',
        test: 'motor/test',
        input: [49, 40, 1],
        frontend: { kind: 'log-mel', sampleRate: 8000, length: '1000 ms' },
        classes: 1,
        classNames: ['normal'],
        examples: 2,
      },
      {
        format: 'wav',
        train: 'words/train',
        test: 'words/test',
        input: [49, 40, 1],
        frontend: { kind: 'log-mel', sampleRate: 16000, length: '1000 ms' },
        classes: 2,
        classNames: ['go', 'stop'],
        examples: 4,
      },
    ]);
    const tasks = found.map((each) => taskChoices(each).map(({ task }) => task));
    expect(tasks).toEqual([['anomaly'], ['classification', 'binary', 'anomaly']]);
  });

  it.each<[string, TaskChoice, string]>([
    ['words', 'classification', 'ds-cnn'],
    ['words', 'binary', 'ds-cnn'],
    ['motor', 'anomaly', 'autoencoder'],
  ])('%s make a config for %s', async (name, task, expected) => {
    const found = (await findDatasets(folder.path)).find(({ train }) => train === `${name}/train`);
    const { input, classes = 1, test = '', frontend } = found!;
    const normal = task === 'anomaly' ? 'normal' : undefined;
    const { architecture, text, errors } = drafted({
      format: 'wav',
      train: found!.train,
      test,
      input: input!,
      classes,
      task,
      ...defined({ frontend, normal }),
    });
    expect(errors).toEqual([]);
    expect(architecture).toBe(expected);
    expect(text).toContain('"frontend": { "kind": "log-mel"');
    expect(text).not.toContain('"input"');
  });
});

describe('a table with a number to be told', () => {
  it('has columns to choose from, and makes a config', async () => {
    const choices = await lookForTargets(folder.path, 'tank/train.csv', folder.path);
    expect(choices.map(({ label }) => label)).toEqual(['level', 'flow', 'pressure']);
    const { label, columns, input } = choices[0]!;
    expect(columns).toEqual(['flow', 'pressure']);
    const { errors, text } = drafted({
      format: 'csv',
      train: 'tank/train.csv',
      test: path.posix.join('tank', 'test.csv'),
      input: input!,
      classes: 1,
      task: 'regression',
      told: label,
      ...defined({ columns }),
    });
    expect(errors).toEqual([]);
    expect(text).toContain('"target": ["level"]');
    expect(text).toContain('"task": "regression"');
  });
});
