import { describe, expect, it } from 'vitest';
import { formatReport } from '../../../src/core/report/format-report';
import { notesOf } from '../../../src/core/report/notes';
import type { Report } from '../../../src/core/report/report';
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
    expect(notes({ details: { kind: 'classification', names, confusion } })).toEqual([
      expect.stringMatching(/^class "off" is never found, in none of 12 test examples, /),
    ]);
    const label = (name: string, right: number) => ({ name, there: 8, told: 9, right });
    const labels = ['a', 'b', 'c', 'd'].map((name) => label(name, 0));
    expect(notes({ details: { kind: 'multi-label', labels: [...labels, label('e', 8)] } })).toEqual(
      [
        expect.stringMatching(
          /^labels "a", "b", "c" and 1 more are never found, in none of 32 test examples, /,
        ),
      ],
    );
    // Where nothing is told the metric says so.
    expect(notes({ details: { kind: 'multi-label', labels } })).toEqual([]);
    const target = (name: string, r2: number | undefined) => ({
      ...{ name, meanAbsolute: 1, rootMeanSquare: 1, points: [] },
      ...(r2 === undefined ? {} : { r2 }),
    });
    const told = (...r2: (number | undefined)[]): string[] =>
      notes({
        details: { kind: 'regression', targets: r2.map((share, i) => target(`t${i}`, share)) },
      });
    expect(told(0.9, 0.01, undefined)).toEqual([
      expect.stringMatching(/^target "t1" is told hardly better than by the mean .* int8 scale/),
    ]);
    expect(told(0.01, undefined)).toEqual([]);
    expect(told(0.9, 0.1, undefined)).toEqual([]);
    const lost = accuracies({ float: 0.95, quantized: 0.94, fitted: 0.12 });
    expect(
      notes({ measured: lost, details: { kind: 'classification', names, confusion } }),
    ).toHaveLength(1);
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
