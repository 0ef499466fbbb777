/** What hovers say of a budget: the same numbers as the report, once there is one. */
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/core/models/models';
import { forecast } from '../../../src/core/plan/forecast';
import { formatBytes } from '../../../src/core/report/format';
import { ramTable, trainedLayerText } from '../../../src/extension/language/config-text';
import { sampleReport } from '../cli/fixtures';

const model = loadModel({
  input: [1, 1, 16],
  classes: 8,
  layers: [{ type: 'dense', name: 'fc1', units: 8 }],
});
const planned = forecast(
  {
    budget: { ram: 1024 },
    east: { method: 'east', codec: 'auto' },
    quantization: { weights: 'auto' },
  },
  model,
);

describe('the hover on budget.ram', () => {
  it('is what the network takes at most before training, and what the last run took', () => {
    const before = ramTable(planned, undefined);
    expect(before).toContain('RAM, before training, at most; the peak is in layer fc1');
    expect(before).toContain(`| **total** | **${formatBytes(planned.ram.total)} of 1.0 KiB** |`);
    const { ram } = sampleReport();
    const after = ramTable(planned, sampleReport());
    expect(after).toContain('RAM, last run; the peak is in layer fc1');
    expect(after).toContain(`| decode buffer | ${formatBytes(ram.decode)} |`);
    expect(after).toContain(`**${formatBytes(ram.total)} of 1.0 KiB**`);
    expect(after).not.toContain('smallest possible');
  });
});

describe('what stands behind a trained layer', () => {
  it('says how many levels it has where an entropy coder stores as many as there are', () => {
    const [layer] = sampleReport().layers;
    expect(trainedLayerText(layer!)).toBe('80 B · 50 % zero · 1.60×');
    expect(trainedLayerText({ ...layer!, levels: 6 })).toBe('80 B · 50 % zero · 1.60× · 6 levels');
  });
});
