/** What follows for a config from a column that says which rows of a table belong together. */
import { formatCount } from '../../core/report/format';
import type { GroupChoice } from '../../core/dataset/find-tables';
import { defined, ifDefined } from '../../core/util/defined';
import type { Draft } from './answers';

const LONGEST_WINDOW = 128;
/** Rows of a recording that are one measurement after another; where there are fewer, each may stand for itself. */
const SERIES = 16;

/** `12 different, about 40 rows of one after another`. */
export function describeGroup({ groups, rows, apart }: GroupChoice): string {
  return [
    `${formatCount(groups)} different`,
    ...(rows > 1 ? [`about ${formatCount(rows)} rows of one after another`] : []),
    ...(apart ? ['none of them in both sets'] : []),
  ].join(', ');
}

/** Several windows of each recording, where its rows are a series. */
export function suggestedWindow({ rows }: GroupChoice): number {
  return rows < SERIES ? 1 : Math.min(LONGEST_WINDOW, 2 ** Math.floor(Math.log2(rows / 4)));
}

type Grouped = Pick<
  Draft,
  'window' | 'recording' | 'subject' | 'columns' | 'input' | 'examples' | 'classes'
>;

/** The answers once it is known how many rows make an example. */
export function groupedBy(group: GroupChoice, window: number, draft: Draft): Grouped {
  const { label, told, task, examples } = draft;
  const { column, others, apart } = group;
  const columns = (draft.columns ?? others).filter(
    (name) => name !== column && name !== label && name !== told,
  );
  const windowed = window > 1;
  return {
    columns,
    input: [1, window, columns.length],
    ...(windowed ? { window } : {}),
    // Who is in both sets can be kept together in windows, but is no subject that the test is new to.
    ...(apart ? { subject: column } : windowed ? { recording: column } : {}),
    ...defined({
      examples: ifDefined(examples, (rows) => Math.floor(rows / window)),
      classes: task === 'anomaly' ? window * columns.length : undefined,
    }),
  };
}
