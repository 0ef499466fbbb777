/** What is said of configs whose network comes from a file. */
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { advise, type Advised } from '../../../src/core/advice/advise';
import { applyEdits } from '../../../src/core/advice/edits';
import { configFingerprint } from '../../../src/core/config/config-identity';
import { parseText } from '../../../src/core/config/parse-config';
import { gatherModel } from '../../../src/core/models/gather-model';
import { inspectModelFile } from '../../../src/core/models/model-files';
import { describeModelFile } from '../../../src/core/report/describe-model-file';
import { sampleReport } from '../cli/fixtures';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();
const fixture = (name: string): string => resolve('test/fixtures/models/keras', name);

const BUDGET = '"budget": { "flash": "64KiB" }';
const DATA = `"dataset": { "format": "numpy", "train": "a.npz", "test": "b.npz" }`;

async function advised(
  model: string,
  rest: string,
  name = 'plain.keras',
): Promise<Advised & { readonly text: string }> {
  const folder = scratch();
  copyFileSync(fixture(name), join(folder, name));
  const file = join(folder, 'net.east.json');
  const text = `{\n  "model": { ${model} },\n  ${rest}\n}\n`;
  const parsed = parseText(text, file, folder);
  const gathered = parsed.model && (await gatherModel(parsed.model));
  return { ...advise(text, file, folder, gathered && { model: gathered }), text };
}

describe('a budget that is too small for all weights', () => {
  it('is told by how much, and the fix makes the network fit', async () => {
    const model = '"file": "plain.keras", "use": "quantize"';
    const { advice, text } = await advised(model, `"budget": { "flash": "4KiB" }, ${DATA}`);
    const found = advice.find(({ code }) => code === 'budget-flash-exceeded');
    expect(found?.message).toMatch(
      /^budget\.flash is too small by [\d,]+ bytes: with all of its weights/,
    );
    const [fit, raise] = found?.fixes() ?? [];
    expect(fit).toMatchObject({
      kind: 'edit',
      title: expect.stringMatching('Make it fit') as string,
    });
    expect(fit?.kind === 'edit' && applyEdits(text, fit.edits)).toMatch('"use": "fit"');
    const raised = raise?.kind === 'edit' ? applyEdits(text, raise.edits) : '';
    const [, flash = ''] = /"flash": (.*?) }/.exec(raised) ?? [];
    const again = await advised(model, `"budget": { "flash": ${flash} }, ${DATA}`);
    expect(again.advice.map(({ code }) => code)).not.toContain('budget-flash-exceeded');
  });
});

describe('what the config says of the file', () => {
  it('that it be kept as it is, though it computes in floating point', async () => {
    const { advice, text } = await advised('"file": "plain.keras", "use": "as-is"', '"name": "n"');
    const [first] = advice.filter(({ severity }) => severity === 'error');
    expect(first?.message).toMatch('computes in floating point');
    const fixed = first
      ?.fixes()
      .map((fix) => (fix.kind === 'edit' ? applyEdits(text, fix.edits) : ''));
    expect(fixed?.map((each) => /"use": "(.*?)"/.exec(each)?.[1])).toEqual(['quantize', 'fit']);
  });

  it('that its input be another, which the fix takes back', async () => {
    const model = '"file": "plain.keras", "use": "fit", "input": [32, 32, 3]';
    const { advice, text } = await advised(model, `${BUDGET}, ${DATA}`);
    const [first] = advice.filter(({ severity }) => severity === 'error');
    expect(first?.message).toMatch('takes 12×10×3, but "input" says 32×32×3');
    const [fix] = first?.fixes() ?? [];
    expect(fix?.kind === 'edit' && applyEdits(text, fix.edits)).not.toMatch('input');
  });

  it('and names what in it cannot be computed', async () => {
    const model = '"file": "lambda.keras", "use": "fit"';
    const { advice } = await advised(model, `${BUDGET}, ${DATA}`, 'lambda.keras');
    expect(advice[0]?.message).toMatch(
      /^lambda\.keras: Layer "lambda" \(Lambda\) is not supported/,
    );
    expect(advice[0]?.path).toEqual(['model', 'file']);
  });
});

describe('sources of a network that its file does not hold any more', () => {
  it('are not called those of another config', async () => {
    const model = '"file": "plain.keras", "use": "fit"';
    const { text, config, advice } = await advised(model, `${BUDGET}, ${DATA}`);
    expect(advice.map(({ code }) => code)).not.toContain('sources-stale');
    if (config === undefined) throw new Error('the config is not sound');
    const before = { ...config, model: { ...config.model, sha256: 'f'.repeat(64) } };
    const facts = {
      sources: {
        directory: config.firmware.directory,
        state: 'present' as const,
        files: [],
        config: configFingerprint(before),
      },
      lastRun: { id: 'net-1', config: before, report: sampleReport() },
      model: await gatherModel(config.model),
    };
    const said = (now: string): string | undefined =>
      advise(now, config.file, config.workspace, facts).advice.find(
        ({ code }) => code === 'sources-stale',
      )?.message;
    expect(said(text)).toBe(
      'The generated sources are of a network that plain.keras does not hold any more; run training, then regenerate them',
    );
    expect(said(text.replace('64KiB', '48KiB'))).toMatch(/an earlier state of the config/);
  });
});

describe('a file in words', () => {
  it('names format, shapes, operators and normalisation', async () => {
    const { forecast } = await advised('"file": "plain.keras", "use": "fit"', `${BUDGET}, ${DATA}`);
    const text = describeModelFile(
      'plain.keras',
      await inspectModelFile(fixture('plain.keras')),
      forecast,
    );
    expect(text).toMatch(/\| format \| Keras 3\.\d+\.\d+ \|/);
    expect(text).toMatch('| input | image ?×12×10×3 |');
    expect(text).toMatch('2 Conv2D');
    expect(text).toMatch('| conv2d\\_2 | conv2d |'.replace('conv2d\\_2', 'conv2d'));
  });

  it('names what is not supported, and takes no Markdown from the file', async () => {
    const facts = await inspectModelFile(fixture('lambda.keras'));
    expect(describeModelFile('a', facts, undefined)).toMatch('**Not supported: Lambda.**');
    const hostile = { ...facts, inputName: '](command:x) | <b>' };
    expect(describeModelFile('a', hostile, undefined)).toMatch(
      '\\](command:x) \\| \\<b\\>'.replace('](', ']\\(').replace('x)', 'x\\)'),
    );
  });
});
