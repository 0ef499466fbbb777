/** Changes to a config's text that leave comments and everything else as they are. */
import { modify } from 'jsonc-parser';
import type { KeyPath } from '../config/problem';
import { parseSize } from '../config/size';
import type { Fix, TextEdit } from './advice';

/** Sets a key, or adds it where it is missing, formatted as the rest of the text. `undefined` removes it. */
export function setKey(
  text: string,
  path: KeyPath,
  value: string | number | readonly number[] | null | undefined,
): TextEdit[] {
  const indent = /^(?:\t+| +)(?=["/])/m.exec(text)?.[0] ?? '  ';
  const tabs = indent.startsWith('\t');
  return modify(text, [...path], value, {
    formattingOptions: {
      insertSpaces: !tabs,
      tabSize: tabs ? 1 : indent.length,
      eol: text.includes('\r\n') ? '\r\n' : '\n',
    },
  });
}

export function setFix(
  text: string,
  path: KeyPath,
  value: string | number | readonly number[] | null | undefined,
  title: string,
): Fix {
  return { kind: 'edit', title, edits: setKey(text, path, value) };
}

/** The text with the edits made; they must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.offset - a.offset)
    .reduce(
      (result, { offset, length, content }) =>
        result.slice(0, offset) + content + result.slice(offset + length),
      text,
    );
}

const KIB = 1024;

/** A size as people write it, at least `bytes`: `"5.6KiB"`, from 64 KiB on whole KiB, below 1 KiB plain bytes. */
export function sizeAtLeast(bytes: number): string | number {
  if (bytes < KIB) return Math.max(1, Math.ceil(bytes));
  const step = bytes >= 64 * KIB ? 1 : 0.1;
  // A text is rounded down to bytes when it is read, so the next step may be needed.
  for (let n = Math.ceil(bytes / KIB / step); ; n++) {
    const text = sizeText(n * step);
    if ((parseSize(text) ?? 0) >= bytes) return text;
  }
}

/** As sizeAtLeast, but at most `bytes`, and never below 1. */
export function sizeAtMost(bytes: number): string | number {
  if (bytes < KIB) return Math.max(1, Math.floor(bytes));
  const step = bytes >= 64 * KIB ? 1 : 0.1;
  return sizeText(Math.floor(bytes / KIB / step) * step);
}

function sizeText(kib: number): string {
  return `${Number(kib.toFixed(1))}KiB`;
}
