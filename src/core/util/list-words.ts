/** `a`, `a or b`, `a, b or c` */
export function listWords(words: readonly string[], last: 'and' | 'or'): string {
  const others = words.slice(0, -1);
  return others.length === 0 ? words.join() : `${others.join(', ')} ${last} ${words.at(-1)!}`;
}
