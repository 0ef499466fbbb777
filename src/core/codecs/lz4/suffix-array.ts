/**
 * All suffixes of a text in lexicographic order, in time proportional to its length whatever it holds: long runs and
 * repeats, where sorting or hash chains turn quadratic, are what pruned weights consist of.
 *
 * Induced sorting after Nong, Zhang and Chan, "Two Efficient Algorithms for Linear Time Suffix Array Construction"
 * (IEEE Trans. Computers 60, 2011). A suffix is S-type if it is smaller than the one starting a position later, else
 * L-type; an LMS position is an S-type one behind an L-type one. Sorted LMS suffixes induce the order of all others.
 */
export function suffixArray(text: Uint8Array): Int32Array<ArrayBuffer> {
  return sortSuffixes(text, 256);
}

type Text = Uint8Array | Int32Array;

/** `text` holds symbols 0 … alphabet−1. The end of the text counts as smaller than every symbol. */
function sortSuffixes(text: Text, alphabet: number): Int32Array<ArrayBuffer> {
  const n = text.length;
  const order = new Int32Array(n);
  if (n < 2) return order;

  const isSmaller = new Uint8Array(n); // 1: S-type
  for (let i = n - 2; i >= 0; i--) {
    const a = text[i]!;
    const b = text[i + 1]!;
    isSmaller[i] = a < b || (a === b && isSmaller[i + 1] === 1) ? 1 : 0;
  }

  const counts = new Int32Array(alphabet);
  for (let i = 0; i < n; i++) counts[text[i]!]!++;

  let lmsCount = 0;
  for (let i = 1; i < n; i++) if (isSmaller[i] === 1 && isSmaller[i - 1] === 0) lmsCount++;
  const lms = new Int32Array(lmsCount);
  for (let i = 1, k = 0; i < n; i++) if (isSmaller[i] === 1 && isSmaller[i - 1] === 0) lms[k++] = i;

  induce(text, isSmaller, counts, lms, order);
  if (lmsCount < 2) return order;

  // The first pass sorted LMS substrings; name them, equal substrings alike, and sort the text of names instead.
  const sortedLms = new Int32Array(lmsCount);
  for (let i = 0, k = 0; i < n; i++) {
    const p = order[i]!;
    if (p > 0 && isSmaller[p] === 1 && isSmaller[p - 1] === 0) sortedLms[k++] = p;
  }
  const indexOf = new Int32Array(n);
  for (let k = 0; k < lmsCount; k++) indexOf[lms[k]!] = k;
  const names = new Int32Array(lmsCount);
  let name = 0;
  for (let k = 1; k < lmsCount; k++) {
    const a = sortedLms[k - 1]!;
    const b = sortedLms[k]!;
    const endA = indexOf[a]! + 1 < lmsCount ? lms[indexOf[a]! + 1]! : n;
    const endB = indexOf[b]! + 1 < lmsCount ? lms[indexOf[b]! + 1]! : n;
    if (!sameSubstring(text, a, endA, b, endB)) name++;
    names[indexOf[b]!] = name;
  }
  if (name + 1 < lmsCount) {
    const nameOrder = sortSuffixes(names, name + 1);
    for (let k = 0; k < lmsCount; k++) sortedLms[k] = lms[nameOrder[k]!]!;
  }
  induce(text, isSmaller, counts, sortedLms, order);
  return order;
}

/** Compares LMS substrings, each including the first symbol of the next one; the one that runs into the end is unique. */
function sameSubstring(text: Text, a: number, endA: number, b: number, endB: number): boolean {
  const n = text.length;
  if (endA - a !== endB - b || endA === n || endB === n) return false;
  for (let k = 0; k <= endA - a; k++) if (text[a + k] !== text[b + k]) return false;
  return true;
}

/** Fills `order` from LMS suffixes in their (supposed) order: L-types from the left, then S-types from the right. */
function induce(
  text: Text,
  isSmaller: Uint8Array,
  counts: Int32Array,
  lms: Int32Array,
  order: Int32Array,
): void {
  const n = text.length;
  const bucket = new Int32Array(counts.length);
  const toEnds = (): void => {
    for (let c = 0, sum = 0; c < counts.length; c++) bucket[c] = sum += counts[c]!;
  };
  order.fill(-1);
  toEnds();
  for (let k = lms.length - 1; k >= 0; k--) order[--bucket[text[lms[k]!]!]!] = lms[k]!;

  for (let c = 0, sum = 0; c < counts.length; c++) {
    bucket[c] = sum;
    sum += counts[c]!;
  }
  order[bucket[text[n - 1]!]!++] = n - 1;
  for (let i = 0; i < n; i++) {
    const p = order[i]! - 1;
    if (p >= 0 && isSmaller[p] === 0) order[bucket[text[p]!]!++] = p;
  }

  toEnds();
  for (let i = n - 1; i >= 0; i--) {
    const p = order[i]! - 1;
    if (p >= 0 && isSmaller[p] === 1) order[--bucket[text[p]!]!] = p;
  }
}
