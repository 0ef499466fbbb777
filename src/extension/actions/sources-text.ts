/** What has become of the generated sources, in words. Without the editor. */
import type { GeneratedSources, SourceChange } from '../services';

const ORDER: readonly SourceChange['change'][] = ['added', 'changed', 'removed', 'unchanged'];

/** `7 files: 2 changed, 5 unchanged`; `7 files, all unchanged`. */
export function summaryOf(files: readonly SourceChange[]): string {
  const counts = ORDER.map((change) => ({
    change,
    count: files.filter((file) => file.change === change).length,
  })).filter(({ count }) => count > 0);
  const total = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  const [first] = counts;
  if (counts.length === 1 && first !== undefined) {
    return files.length === 1 ? `${total}, ${first.change}` : `${total}, all ${first.change}`;
  }
  return `${total}: ${counts.map(({ change, count }) => `${count} ${change}`).join(', ')}`;
}

export function hasChanges({ files }: Pick<GeneratedSources, 'files'>): boolean {
  return files.some(({ change }) => change !== 'unchanged');
}

/** A line per file for the log. */
export function changeLines(files: readonly SourceChange[]): string[] {
  return files
    .filter(({ change }) => change !== 'unchanged')
    .map(({ name, change, linesAdded, linesRemoved }) =>
      change === 'removed'
        ? `  ${name} removed`
        : `  ${name} ${change} (+${linesAdded} -${linesRemoved} lines)`,
    );
}

/** Why sources were not overwritten, without the advice for the command line; undefined for any other message. */
export function refusalOf(message: string): string | undefined {
  if (!message.includes('--force')) return undefined;
  return message
    .split(/(?<=\.) /)
    .filter((sentence) => !sentence.includes('--force'))
    .join(' ');
}
