import { describe, expect, it } from 'vitest';
import type { FrontendModel } from '../../../src/core/frontends/frontend';
import type { Examples } from '../../../src/core/run/examples-file';
import { seenExample } from '../../../src/extension/dashboard/seen-example';

/** Four frames of two features. */
const frontend: FrontendModel = {
  config: { kind: 'window', length: 4, channels: 2 },
  offset: new Int32Array(2),
  scale: new Int32Array(2),
};
const examples: Examples = {
  vectors: {
    inputs: [new Int8Array(8).fill(1), Int8Array.of(0, 1, 2, 3, 4, 5, 6, 7)],
    outputs: [Int8Array.of(9, -9), Int8Array.of(9, -9)],
  },
  targets: Float32Array.of(0, 1),
};
const CLASSES = { task: 'classification', outputNames: ['yes', 'no'] } as const;

describe('seenExample', () => {
  it('is the input of the network frame by frame, with its label and the answer', () => {
    expect(seenExample({ frontend }, CLASSES, examples, 1)).toEqual({
      index: 1,
      count: 2,
      frames: 4,
      features: 2,
      codes: Int8Array.of(0, 1, 2, 3, 4, 5, 6, 7),
      time: { title: 'samples', ticks: [0, 1, 2, 3].map((n) => ({ at: n / 4, label: `${n}` })) },
      feature: {
        title: 'channel',
        ticks: [
          { at: 0.25, label: '1' },
          { at: 0.75, label: '2' },
        ],
      },
      label: 'no',
      told: 'yes',
    });
  });

  it('says normal and anomalous where that is what targets mean, and leaves out what is no word', () => {
    const anomaly = { task: 'anomaly', outputNames: [] } as const;
    expect(seenExample({ frontend }, anomaly, examples, 0).label).toBe('normal');
    expect(seenExample({ frontend }, anomaly, examples, 1)).toMatchObject({ label: 'anomalous' });
    expect(seenExample({ frontend }, anomaly, examples, 1)).not.toHaveProperty('told');
    const regression = { task: 'regression', outputNames: ['load'] } as const;
    expect(seenExample({ frontend }, regression, examples, 1)).not.toHaveProperty('label');
    const drawn = { ...examples, targets: new Float32Array(0) };
    expect(seenExample({ frontend }, CLASSES, drawn, 1)).not.toHaveProperty('label');
  });

  it('refuses examples that are not there, and networks without a front end', () => {
    expect(() => seenExample({ frontend }, CLASSES, examples, 2)).toThrow(/keeps 2 examples/);
    expect(() => seenExample({}, CLASSES, examples, 0)).toThrow(/no front end/);
  });
});
