/** What is said of a config whose network lies in a file. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { advise } from '../../../src/core/advice/advise';
import { configChanges } from '../../../src/core/config/config-identity';
import { parseText } from '../../../src/core/config/parse-config';
import type { ModelFact } from '../../../src/core/models/check-config';
import { gatherModel } from '../../../src/core/models/gather-model';

const WORKSPACE = resolve('test/fixtures/models/tflite');
const FILE = `${WORKSPACE}/net.east.json`;

async function gathered(text: string): Promise<ModelFact> {
  const { model } = parseText(text, FILE, WORKSPACE);
  if (model === undefined) throw new Error('the text has no sound model');
  return gatherModel(model);
}

const config = (weights: number, use = 'as-is'): string =>
  JSON.stringify({ model: { file: 'cnn-int8.tflite', use }, budget: { weights } });

describe('a network in a file', () => {
  it('has no advice and no forecast before the file is read, and its forecast then', async () => {
    const text = config(100_000);
    const before = advise(text, FILE, WORKSPACE);
    expect([before.advice, before.forecast]).toEqual([[], undefined]);
    const {
      advice,
      forecast,
      config: sound,
    } = advise(text, FILE, WORKSPACE, {
      model: await gathered(text),
    });
    expect(advice.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(forecast?.layers.length).toBeGreaterThan(3);
    expect(sound?.model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('over budget offers to be made to fit, and no width', async () => {
    const text = config(300);
    const { advice } = advise(text, FILE, WORKSPACE, { model: await gathered(text) });
    const over = advice.find(({ code }) => code === 'budget-flash-exceeded');
    expect(over?.message).toMatch(/^budget\.weights is too small by [\d,]+ bytes: /);
    const titles = over?.fixes().map(({ title }) => title) ?? [];
    expect(titles[0]).toContain('set model.use to "fit"');
    expect(titles.join()).not.toMatch(/model\.width|east\.method/);
  });

  it('is another one to the config when its content is, and the same wherever it lies', async () => {
    const text = config(100_000);
    const { config: sound } = advise(text, FILE, WORKSPACE, { model: await gathered(text) });
    if (sound === undefined) throw new Error('the config is not sound');
    const with_ = (change: object) => ({ ...sound, model: { ...sound.model, ...change } });
    expect(configChanges(sound, with_({ file: `${WORKSPACE}/other/name.tflite` }))).toEqual([]);
    expect(configChanges(sound, with_({ sha256: '0'.repeat(64) }))).toEqual(['model.file']);
  });
});
