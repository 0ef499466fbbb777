/**
 * Puts measured tables into the documents, between the marks that name them, so that no figure is typed by hand. The
 * README has the few that a newcomer reads, docs/import.md those of model files, docs/measurements.md all others.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCUMENTS = ['README.md', 'docs/measurements.md', 'docs/import.md'];

/** A table in Markdown; `rows` have a cell for each of `head`. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Throws Error where no document has `<!-- measured: name -->` … `<!-- /measured -->`. */
export function fillMeasured(root: string, name: string, text: string): void {
  const start = `<!-- measured: ${name} -->`;
  for (const document of DOCUMENTS) {
    const file = join(root, document);
    const before = readFileSync(file, 'utf8');
    const from = before.indexOf(start);
    const to = before.indexOf('<!-- /measured -->', from);
    if (from < 0 || to < 0) continue;
    writeFileSync(file, `${before.slice(0, from + start.length)}\n${text}\n${before.slice(to)}`);
    return;
  }
  throw new Error(`none of ${DOCUMENTS.join(', ')} has a place for "${name}"`);
}
