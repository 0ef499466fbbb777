/** Puts measured tables into the README, between the marks that name them, so that no figure is typed by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A table in Markdown; `rows` have a cell for each of `head`. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Throws Error where the README has no `<!-- measured: name -->` … `<!-- /measured -->`. */
export function fillReadme(root: string, name: string, text: string): void {
  const file = join(root, 'README.md');
  const readme = readFileSync(file, 'utf8');
  const start = `<!-- measured: ${name} -->`;
  const from = readme.indexOf(start);
  const to = readme.indexOf('<!-- /measured -->', from);
  if (from < 0 || to < 0) throw new Error(`README.md has no place for "${name}"`);
  writeFileSync(file, `${readme.slice(0, from + start.length)}\n${text}\n${readme.slice(to)}`);
}
