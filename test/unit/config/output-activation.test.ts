/** Networks that are written with an activation at their end, by task: understood, warned of or refused. */
import { describe, expect, it } from 'vitest';
import { advise } from '../../../src/core/advice/advise';

interface Said {
  readonly severity: string;
  readonly message: string;
}

const TASKS = {
  classification: { model: { classes: 3 }, dataset: { label: 'l' }, units: 3 },
  binary: { model: {}, dataset: { label: 'l' }, units: 1 },
  'multi-label': { model: {}, dataset: { target: ['a', 'b'] }, units: 2 },
  regression: { model: {}, dataset: { target: 'a' }, units: 1 },
  anomaly: { model: {}, dataset: {}, units: 6 },
} as const;

function said(
  task: keyof typeof TASKS,
  activation: string,
  asLayer = false,
): { about: Said[]; kinds: string[] | undefined; text: string } {
  const { model, dataset, units } = TASKS[task];
  const dense = { type: 'dense', units };
  const layers = asLayer ? [dense, { type: activation }] : [{ ...dense, activation }];
  const text = JSON.stringify({
    task,
    model: { input: [1, 1, 6], ...model, layers },
    dataset: { format: 'csv', train: 'train.csv', test: 'test.csv', ...dataset },
    budget: { weights: '50%' },
    firmware: { directory: 'fw' },
  });
  const { advice, forecast } = advise(text, '/w/a.east.json', '/w');
  return {
    about: advice
      .filter(({ path }) => path[1] === 'layers')
      .map(({ severity, message, location }) => ({
        severity,
        message: `${text.slice(location.offset, location.offset + location.length)} ${message}`,
      })),
    kinds: forecast?.graph.layers.map(({ kind }) => kind),
    text,
  };
}

describe('the activation at the end of a network', () => {
  it('softmax of classes is understood; as a layer nothing need be said of it', () => {
    expect(said('classification', 'softmax', true)).toMatchObject({
      about: [],
      kinds: ['dense', 'softmax'],
    });
    const { about, kinds } = said('classification', 'softmax');
    expect(kinds).toEqual(['dense', 'softmax']);
    expect(about).toEqual([
      {
        severity: 'info',
        message: expect.stringMatching(/^"softmax" the loss has this softmax.*\(int8 \+ 128\)/),
      },
    ]);
  });

  it.each([
    ['binary', false],
    ['binary', true],
    ['multi-label', false],
    ['multi-label', true],
  ] as const)('sigmoid of %s is left to the loss, as a layer: %s', (task, asLayer) => {
    const { about, kinds } = said(task, 'sigmoid', asLayer);
    expect(kinds).toEqual(['dense']);
    expect(about).toEqual([
      {
        severity: 'info',
        message: expect.stringMatching(/^"sigmoid" the loss has this sigmoid, so it is no part/),
      },
    ]);
  });

  it.each(['binary', 'multi-label', 'regression', 'anomaly'] as const)(
    'softmax is refused by %s',
    (task) => {
      const { about, kinds } = said(task, 'softmax');
      expect(kinds).toBeUndefined();
      expect(about).toEqual([
        {
          severity: 'error',
          message: expect.stringMatching(
            /^"softmax" model\.layers\[0\]\.activation: softmax makes the outputs probabilities/,
          ),
        },
      ]);
    },
  );

  it.each([
    ['classification', 'sigmoid', 'from 0 to 1, but the loss has the softmax'],
    ['classification', 'relu', 'from 0 on'],
    ['binary', 'tanh', 'from −1 to 1, but the loss has the sigmoid'],
    ['multi-label', 'relu6', 'from 0 to 6'],
    ['regression', 'sigmoid', 'from 0 to 1, but targets are brought to mean 0'],
    ['anomaly', 'sigmoid', 'from 0 to 1, but the network rebuilds its normalised input'],
  ] as const)('%s warns of %s', (task, activation, words) => {
    const { about, kinds } = said(task, activation);
    expect(kinds).toBeDefined();
    expect(about).toEqual([{ severity: 'warning', message: expect.stringContaining(words) }]);
  });

  it.each(['none', 'leakyRelu'])('%s is nothing to speak of', (activation) => {
    const text = said('regression', activation).text;
    const sloped = text.replace('"leakyRelu"', '"leakyRelu","slope":0.1');
    expect(advise(sloped, '/w/a.east.json', '/w').advice.map(({ code }) => code)).not.toContain(
      'config',
    );
  });
});
