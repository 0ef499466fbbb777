import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestFile } from '../../../src/core/firmware/manifest';
import { writeSources } from '../../../src/core/firmware/write-sources';
import { UserError } from '../../../src/core/util/errors';
import {
  changeLines,
  hasChanges,
  refusalOf,
  summaryOf,
} from '../../../src/extension/actions/sources-text';
import type { SourceChange } from '../../../src/extension/services';
import { scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();

function files(changes: readonly SourceChange['change'][]): SourceChange[] {
  return changes.map((change, i) => ({ name: `f${i}.c`, change, linesAdded: i, linesRemoved: 1 }));
}

describe('summaryOf', () => {
  it.each([
    [['changed', 'unchanged', 'changed'], '3 files: 2 changed, 1 unchanged'],
    [['added', 'added'], '2 files, all added'],
    [['unchanged'], '1 file, unchanged'],
    [
      ['removed', 'added', 'changed', 'unchanged'],
      '4 files: 1 added, 1 changed, 1 removed, 1 unchanged',
    ],
    [[], '0 files: '],
  ] as const)('%j', (changes, text) => {
    expect(summaryOf(files(changes))).toBe(text);
  });

  it('goes with the lines of the log', () => {
    expect(changeLines(files(['added', 'unchanged', 'removed']))).toEqual([
      '  f0.c added (+0 -1 lines)',
      '  f2.c removed',
    ]);
    expect(hasChanges({ files: files(['unchanged']) })).toBe(false);
    expect(hasChanges({ files: files(['unchanged', 'added']) })).toBe(true);
  });
});

describe('refusalOf', () => {
  /** The very messages that writing sources gives. */
  function refusal(prepare: (directory: string) => void, name = 'meter'): string {
    const directory = join(scratch(), 'fw');
    const text = new Map([['a.c', 'int a;\n']]);
    const sources = (model: string) =>
      new Map([
        ...text,
        ['manifest.json', manifestFile({ name: model, inputBytes: 1, outputBytes: 1 }, {}, text)],
      ]);
    writeSources(directory, sources('meter'));
    prepare(directory);
    try {
      writeSources(directory, sources(name));
    } catch (error) {
      if (error instanceof UserError) return error.message;
    }
    throw new Error('nothing was refused');
  }

  it('keeps what is at stake and drops the advice for a terminal', () => {
    const edited = refusal((directory) => writeFileSync(join(directory, 'a.c'), 'int b;\n'));
    expect(refusalOf(edited)).toBe(
      'Generating would overwrite files edited since they were generated: a.c.',
    );
    const other = refusal(() => undefined, 'other');
    expect(refusalOf(other)).toBe("This folder holds the sources of model 'meter'.");
    const damaged = refusal((directory) => writeFileSync(join(directory, 'manifest.json'), '{'));
    expect(refusalOf(damaged)).not.toMatch(/--force|^$/);
  });

  it('is undefined for what overwriting cannot mend', () => {
    expect(refusalOf('cannot write: the disk is full')).toBeUndefined();
  });
});
