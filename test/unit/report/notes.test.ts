import { describe, expect, it } from 'vitest';
import { formatReport } from '../../../src/core/report/format-report';
import { notesOf } from '../../../src/core/report/notes';
import type { Report } from '../../../src/core/report/report';
import type { TaskDetails } from '../../../src/core/tasks/details';
import { accuracies } from '../tasks/accuracies';
import { sampleReport } from '../cli/fixtures';

/** Of a network that does well and fills its budget. */
const good: Partial<Report> = {
  measured: accuracies({ float: 0.95, quantized: 0.94, fitted: 0.93 }),
  baseline: 0.1,
  ratio: 4,
  budget: { flash: 2300 },
};
const notes = (changes: Partial<Report>): string[] =>
  notesOf(sampleReport({ ...good, ...changes }));

describe('notes of a report', () => {
  it('are none where there is nothing to wonder at', () => {
    expect(notes({})).toEqual([]);
  });

  it('tell a result near chance, measured against the most frequent class', () => {
    const chance = accuracies({ float: 0.11, quantized: 0.1, fitted: 0.1 });
    expect(notes({ measured: chance })).toEqual([
      expect.stringMatching(
        /^the accuracy of 10\.0 % is hardly better .*, 10\.0 %: .*training\.epochs/,
      ),
    ]);
    // 93 % are little where 92.5 % of the examples are of one class.
    expect(notes({ baseline: 0.925 })).toHaveLength(1);
    expect(notes({ baseline: 0.6 })).toEqual([]);
  });

  it('tell what was lost on the way to the budget', () => {
    const lost = accuracies({ float: 0.95, quantized: 0.94, fitted: 0.12 });
    expect(notes({ measured: lost })).toEqual([
      expect.stringMatching(
        /float network reached 95\.0 %.*on the way to EAST; raise budget\.flash/,
      ),
    ]);
  });

  it('tell nothing of chance where it is not known, as in reports of earlier versions', () => {
    const measured = accuracies({ fitted: 0.1 });
    expect(notesOf(sampleReport({ ratio: 4, budget: { flash: 2300 }, measured }))).toEqual([]);
  });

  it('tell a network that fits as it is, and that a wider one would use the room', () => {
    expect(notes({ ratio: 1.001, budget: { flash: 16384 } })).toEqual([
      expect.stringMatching(
        /^the compression is 1\.00×: the network as it is fits budget\.flash \(2\.1 KiB of 16\.0 KiB\); a wider/,
      ),
    ]);
    expect(notes({ ratio: 1, budget: {} })[0]).toMatch(/nothing limits the weights/);
    expect(notes({ ratio: 1, method: 'dense', budget: {} })).toEqual([]);
  });

  it('tell a budget of which less than half is used, the tightest', () => {
    expect(notes({ budget: { flash: 16384 } })).toEqual([
      expect.stringMatching(/^less than half of budget\.flash is used .* smaller budget$/),
    ]);
    expect(notes({ budget: { flash: 16384, weights: 100 } })).toEqual([]);
  });

  it('advise nothing that cannot be done where weights stay what they were', () => {
    const measured = accuracies({ fitted: 0.1 });
    for (const method of ['as it is', 'quantised here']) {
      expect(notes({ method, ratio: 1, budget: {} })).toEqual([]);
      expect(notes({ method, ratio: 1, budget: { flash: 16384 } })).toEqual([]);
      expect(notes({ method, measured })).toEqual([
        expect.stringMatching(/no weight was trained here: dataset\.normalize must say/),
      ]);
    }
  });

  it('tell classes and labels that are never found, and targets that are told like their mean', () => {
    const names = ['on', 'off', 'odd', 'rare', 'none'];
    const confusion = [
      [40, 0, 0, 0, 0],
      [12, 0, 0, 0, 0],
      [1, 0, 9, 0, 0],
      // Of so few it may be chance.
      [4, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ];
    const found = { kind: 'classification', names, confusion } as const;
    expect(notes({ details: found, method: 'dense' })[0]).toMatch(/ are to train on$/);
    expect(notes({ details: found, method: 'as it is' })[0]).toMatch(/labels and at dataset\.norm/);
    expect(notes({ details: found })).toEqual([
      expect.stringMatching(
        /^class "off" is found in none of 12 test examples, .* train on, or leave the weights more bytes$/,
      ),
    ]);
    const label = (name: string, right: number) => ({ name, there: 8, told: 9, right });
    const labels = ['a', 'b', 'c', 'd'].map((name) => label(name, 0));
    expect(notes({ details: { kind: 'multi-label', labels: [...labels, label('e', 8)] } })).toEqual(
      [
        expect.stringMatching(
          /^labels "a", "b", "c" and 1 more are found in none of 32 test examples, /,
        ),
      ],
    );
    // Where nothing is told the metric says so.
    expect(notes({ details: { kind: 'multi-label', labels } })).toEqual([]);
    const target = (name: string, r2: number | undefined) => ({
      ...{ name, meanAbsolute: 1, rootMeanSquare: 1, points: [] },
      ...(r2 === undefined ? {} : { r2 }),
    });
    const regression = (...r2: (number | undefined)[]) => ({
      details: {
        kind: 'regression' as const,
        targets: r2.map((share, i) => target(`t${i}`, share)),
      },
    });
    const told = (...r2: (number | undefined)[]): string[] => notes(regression(...r2));
    expect(told(0.9, 0.01, undefined)).toEqual([
      expect.stringMatching(
        /^target "t1" is told hardly better than by the mean .* network of its/,
      ),
    ]);
    // Targets are trained in units of like size; what a file answers in is its own.
    expect(notes({ ...regression(0.9, 0.01), method: 'quantised here' })).toEqual([
      expect.stringMatching(/one int8 scale/),
    ]);
    expect(told(0.01, undefined)).toEqual([]);
    expect(told(0.9, 0.1, undefined)).toEqual([]);
    const lost = accuracies({ float: 0.95, quantized: 0.94, fitted: 0.12 });
    expect(
      notes({ measured: lost, details: { kind: 'classification', names, confusion } }),
    ).toHaveLength(1);
  });

  it('tell a threshold at which the firmware never alarms, or always', () => {
    const alarms = (found: number, falseAlarms: number, kind: 'binary' | 'anomaly' = 'binary') => {
      const counts = { threshold: 0.5, positives: 31, found, negatives: 40, falseAlarms };
      const rest =
        kind === 'binary'
          ? { kind, name: 'bad' }
          : { kind, histogram: { most: 1, normal: [1], anomalous: [1] } };
      return notes({ details: { ...counts, ...rest } as TaskDetails });
    };
    expect(alarms(0, 0)).toEqual([
      expect.stringMatching(/none of 31 test examples of "bad" is found: allow more false alarms/),
    ]);
    expect(alarms(31, 40, 'anomaly')).toEqual([
      expect.stringMatching(/each of 40 test examples that are normal raises an alarm: /),
    ]);
    expect(alarms(1, 39)).toEqual([]);
  });

  it('say first that what the network expects was guessed', () => {
    expect(notes({ guessed: true })).toEqual([
      expect.stringMatching(/^all that was measured rests on a guess: .*set dataset\.normalize/),
    ]);
  });

  it('stand below the verdict in lines that fit', () => {
    const text = formatReport(sampleReport({ ...good, ratio: 1, budget: { flash: 16384 } }), {
      width: 80,
    });
    expect(text).toMatch(/✓ within budget\n! the compression is 1\.00×/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});
