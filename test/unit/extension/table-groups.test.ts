import { afterAll, describe, expect, it } from 'vitest';
import { draftConfig } from '../../../src/core/advice/draft-config';
import { parseText } from '../../../src/core/config/parse-config';
import { checkConfig } from '../../../src/core/models/check-config';
import { lookForGroups } from '../../../src/core/dataset/look-at-data';
import {
  describeGroup,
  groupedBy,
  suggestedWindow,
} from '../../../src/extension/create-config/table-groups';
import { choicesOf } from '../../../src/extension/create-config/template-of-answers';
import { TemporaryFolder } from '../dataset/files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

/** Sixty rows of each person, one after another. */
function motion(people: readonly string[]): string {
  const rows = people.flatMap((person, p) =>
    Array.from({ length: 60 }, (_, i) =>
      [(i % 7) / 3, ((i * p) % 5) / 3, person, i < 30 ? 'walk' : 'run'].join(),
    ),
  );
  return ['x,y,person,activity', ...rows, ''].join('\n');
}

async function groupsIn(train: string, test: string) {
  folder.write('train.csv', train);
  folder.write('test.csv', test);
  return lookForGroups(folder.path, { train: 'train.csv', test: 'test.csv' }, folder.path);
}

const DRAFT = { folder: folder.path, label: 'activity', examples: 120 };

describe('a column of a table that keeps rows together', () => {
  it('is found by its name, with what the sets have of it', async () => {
    const [group, ...more] = await groupsIn(motion(['ann', 'bob']), motion(['eve', 'joe']));
    expect(more).toEqual([]);
    expect(group).toEqual({
      column: 'person',
      groups: 2,
      rows: 60,
      apart: true,
      others: ['x', 'y', 'activity'],
    });
    expect(describeGroup(group!)).toBe(
      '2 different, about 60 rows of one after another, none of them in both sets',
    );
    expect(await groupsIn('x,y,z\n1,2,3\n2,3,4\n3,4,5\n4,5,6\n', '')).toEqual([]);
  });

  it('makes windows that a config can be trained with, of whole subjects', async () => {
    const [group] = await groupsIn(motion(['ann', 'bob']), motion(['eve', 'joe']));
    const window = suggestedWindow(group!);
    expect(window).toBe(8);
    const grouped = groupedBy(group!, window, DRAFT);
    expect(grouped).toEqual({
      columns: ['x', 'y'],
      input: [1, 8, 2],
      window: 8,
      subject: 'person',
      examples: 15,
    });
    const choices = choicesOf({
      ...DRAFT,
      format: 'csv',
      train: 'train.csv',
      test: 'test.csv',
      classes: 2,
      architecture: 'cnn1d',
      width: 8,
      flash: '64KiB',
      ram: '64KiB',
      firmware: 'fw',
      file: 'motion.east.json',
      ...grouped,
      input: grouped.input ?? [1, 1, 1],
    });
    const file = `${folder.path}/motion.east.json`;
    const { text, errors } = draftConfig(choices, file, folder.path);
    expect(errors).toEqual([]);
    const { sound } = checkConfig(parseText(text, file, folder.path));
    expect(sound?.config.dataset).toMatchObject({
      window: 8,
      subject: 'person',
      columns: ['x', 'y'],
    });
  });

  it('is no subject where both sets have it, and keeps windows apart all the same', async () => {
    const [group] = await groupsIn(motion(['ann', 'bob']), motion(['ann', 'bob']));
    expect(groupedBy(group!, 8, DRAFT)).toMatchObject({ window: 8, recording: 'person' });
    expect(groupedBy(group!, 8, DRAFT).subject).toBeUndefined();
    expect(groupedBy(group!, 1, DRAFT)).toEqual({
      columns: ['x', 'y'],
      input: [1, 1, 2],
      examples: 120,
    });
  });

  it('leaves each row an example where a subject has but a few', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 7},p${i % 10},${i / 9}`);
    const [group] = await groupsIn(['x,patient,dose', ...rows, ''].join('\n'), '');
    expect(suggestedWindow(group!)).toBe(1);
  });
});
