/** The wildcards of linker scripts: `*` (any characters, slashes too), `?`, `[abc]`. */

/** In time proportional to both lengths multiplied, whatever the pattern. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = partsOf(pattern);
  let part = 0;
  let at = 0;
  let star = -1;
  let behindStar = 0;
  while (at < text.length) {
    const wanted = parts[part];
    if (wanted === '*') {
      star = part++;
      behindStar = at;
    } else if (wanted !== undefined && matchesOne(wanted, text[at]!)) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++behindStar;
    } else return false;
  }
  while (parts[part] === '*') part++;
  return part === parts.length;
}

/** Single characters, `*`, `?` and bracket expressions. */
function partsOf(pattern: string): string[] {
  return pattern.match(/\[!?\]?[^\]]*\]|\\[^]|[^]/g) ?? [];
}

function matchesOne(part: string, character: string): boolean {
  if (part === '?') return true;
  if (part.length > 1 && part.startsWith('\\')) return part[1] === character;
  if (part.length < 3 || !part.startsWith('[')) return part === character;
  const inverted = /^\[[!^]/.test(part);
  const set = part.slice(inverted ? 2 : 1, -1);
  let found = false;
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] === '-' && i + 2 < set.length) {
      found ||= character >= set[i]! && character <= set[i + 2]!;
      i += 2;
    } else found ||= set[i] === character;
  }
  return found !== inverted;
}
