import { describe, expect, it } from 'vitest';
import { proposalsOf } from '../../../src/core/advice/proposals';
import type { OtherConfig } from '../../../src/core/advice/other-networks';
import type { ModelConfig } from '../../../src/core/config/config';
import { loadModel } from '../../../src/core/models/models';
import { forecast } from '../../../src/core/plan/forecast';
import { notesOf } from '../../../src/core/report/notes';
import type { Report } from '../../../src/core/report/report';
import { sampleReport } from '../cli/fixtures';
import { resolvedConfig } from '../run/fixtures';
import { accuracies } from '../tasks/accuracies';

const usual = resolvedConfig('/w');
const LIST: ModelConfig = {
  input: [12, 12, 1],
  classes: 10,
  layers: [
    { type: 'conv2d', filters: 8, kernel: 3 },
    { type: 'conv2d', filters: 16, kernel: 3 },
    { type: 'dense', units: 10 },
  ],
};

function proposed(
  model: ModelConfig,
  changes: Partial<OtherConfig>,
  report: Partial<Report> = {},
): string[] {
  const config: OtherConfig = {
    ...usual,
    model,
    east: { ...usual.east, codec: 'auto' },
    quantization: { weights: 'auto', activations: 8 },
    ...changes,
  };
  const plan = forecast(config, model.file === undefined ? loadModel(model) : loadModel(LIST));
  const ratio = plan.flash.denseBytes / (plan.flash.blobBudget ?? plan.flash.denseBytes);
  return proposalsOf(sampleReport({ ratio, ...report }), config, plan, undefined);
}

const resnet8 = (width: number): ModelConfig => ({
  architecture: 'resnet8',
  width,
  input: [32, 32, 3],
  classes: 10,
});

describe('a finished run', () => {
  it('proposes the width that the same bytes would hold, squeezed further, and what it costs in time', () => {
    const [text, ...others] = proposed(resnet8(8), { budget: { weights: { bytes: 15_000 } } });
    expect(others).toEqual([]);
    expect(text).toMatch(
      /^the compression is 1\.\d\d×: a network of width \d\d in place of 8 would fit the same 14\.6 KiB squeezed up to [89]\.\d+×, .* computes \d\.\d times as much$/,
    );
    const { flash } = forecast(
      { ...usual, budget: {} },
      loadModel(resnet8(Number(/width (\d+)/.exec(text!)?.[1]))),
    );
    expect(flash.denseBytes / 15_000).toBeLessThanOrEqual(10);
  });

  it('says how many bytes a share of the weights is, which would grow with the network', () => {
    const [text] = proposed(resnet8(8), { budget: { weights: { fraction: 0.5 } } });
    const { denseBytes } = forecast({ ...usual, budget: {} }, loadModel(resnet8(8))).flash;
    const kib = Number(/budget\.weights as "([\d.]+)KiB"/.exec(text!)?.[1]);
    expect(kib * 1024).toBeLessThanOrEqual(denseBytes / 2);
    expect(kib * 1024).toBeGreaterThan(denseBytes / 2 - 200);
  });

  it('proposes more filters and units where the network is a list, and only such as RAM allows', () => {
    const bytes = { weights: { bytes: 8000 } };
    expect(proposed(LIST, { budget: bytes })).toEqual([
      expect.stringMatching(/a network of [234] times as many filters and units in each layer/),
    ]);
    const { ram } = forecast({ ...usual, budget: bytes }, loadModel(LIST));
    expect(proposed(LIST, { budget: { ...bytes, ram: ram.least } })).toEqual([]);
    // What is added up must be as wide as the input.
    const added: ModelConfig = {
      input: [12, 12, 8],
      classes: 10,
      layers: [
        { type: 'conv2d', filters: 8, kernel: 3, name: 'a', padding: 'same' },
        { type: 'add', inputs: ['input', 'a'] },
        { type: 'dense', units: 10 },
      ],
    };
    expect(proposed(added, { budget: { weights: { bytes: 8000 } } })).toEqual([]);
    const task = { kind: 'anomaly' } as const;
    expect(proposed(LIST, { budget: bytes, task })).toEqual([]);
  });

  it('says so where the wider network would not have to be squeezed at all', () => {
    const tiny = { architecture: 'mlp', width: 4, input: [1, 1, 8], classes: 2 } as const;
    expect(proposed(tiny, { budget: { weights: { bytes: 40_000 } } })).toEqual([
      expect.stringMatching(/ in place of 4 would fit the same 39\.1 KiB without being squeezed, /),
    ]);
  });

  it('proposes nothing for a network that is never wrong', () => {
    const budget = { weights: { bytes: 15_000 } };
    for (const [fitted, proposals] of [
      [0.97, 1],
      [0.995, 1],
      [1, 0],
    ] as const) {
      const measured = accuracies({ float: 1, quantized: 1, fitted });
      expect(proposed(resnet8(8), { budget }, { measured })).toHaveLength(proposals);
    }
  });

  it('proposes nothing where the network is squeezed, nothing limits it, or nothing is pruned', () => {
    expect(proposed(resnet8(8), { budget: { weights: { fraction: 0.1 } } })).toEqual([]);
    expect(proposed(resnet8(8), { budget: {} })).toEqual([]);
    const dense = { ...usual.east, method: 'dense' } as const;
    expect(proposed(resnet8(8), { budget: { weights: { bytes: 1e5 } }, east: dense })).toEqual([]);
  });

  it('says what 8 bits a weight cost where fewer would keep more of them', () => {
    const quantization = { weights: 8, activations: 8 } as const;
    const budget = { weights: { fraction: 0.1 } };
    const measured = accuracies({ float: 0.9, quantized: 0.89, fitted: 0.7 });
    const squeezed = { sparsity: 0.94, measured };
    expect(proposed(resnet8(16), { budget, quantization }, squeezed)).toEqual([
      expect.stringMatching(
        /^of weights of 8 bits 6\.0 % stayed non-zero in this budget, and the accuracy went from 89\.0 % to 70\.0 %; with quantization\.weights on "auto" about \d\d % could stay/,
      ),
    ]);
    expect(proposed(resnet8(16), { budget }, squeezed)).toEqual([]);
  });

  it('that keeps the weights of a file proposes training where they hardly shrink', () => {
    const file: ModelConfig = { file: '/w/a.tflite', use: 'as-is' };
    expect(proposed(file, {}, { ratio: 1.02, budget: {} })).toEqual([
      expect.stringMatching(/^the compression is 1\.02×: .* model\.use on "fit"/),
    ]);
    expect(proposed(file, {}, { ratio: 3 })).toEqual([]);
  });

  it('is told of in place of what can be said without a forecast', () => {
    const roomy = { ratio: 1, budget: { flash: 16384 } };
    expect(notesOf(sampleReport({ ...roomy, proposals: ['a wider one'] }))).toEqual([
      'a wider one',
    ]);
    expect(notesOf(sampleReport({ ...roomy, proposals: [] }))).toHaveLength(1);
  });
});
