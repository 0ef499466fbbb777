/**
 * How a CSV file is written: encoding, separator, decimal mark. Nothing says so in the file (RFC 4180 knows commas and
 * points only), but where numbers have decimal commas, tables are separated by something else.
 */

export interface CsvDialect {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  readonly delimiter: string;
  /** 1-based line of the header: the second where the first is Excel's `sep=;`. */
  readonly headerLine: 1 | 2;
}

const DELIMITERS = [',', ';', '\t', '|'];
/** Records that are compared. */
const SAMPLE = 50;

/** @param start the first bytes, some dozen rows if there are as many @param whole whether they are all */
export function detectDialect(start: Uint8Array, whole: boolean): CsvDialect {
  const encoding =
    start[0] === 0xff && start[1] === 0xfe
      ? 'utf-16le'
      : start[0] === 0xfe && start[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  const text = new TextDecoder(encoding).decode(start);
  // Excel writes it, and takes it from others, to say what separates the columns.
  const stated = /^"?sep=(.)"?[ \t]*(?:\r\n|\n|\r|$)/i.exec(text);
  if (stated !== null) return { encoding, delimiter: stated[1]!, headerLine: 2 };
  return { encoding, delimiter: detectDelimiter(text, whole), headerLine: 1 };
}

/**
 * The separator that stands outside quotes equally often in every record; of several the more frequent one, of none
 * the one that most records agree on with the header.
 */
function detectDelimiter(text: string, whole: boolean): string {
  let best = { delimiter: ',', agreeing: 0, count: 0 };
  for (const delimiter of DELIMITERS) {
    const counts = countDelimiters(text, delimiter, whole);
    const [count = 0] = counts;
    if (count === 0) continue;
    const agreeing = counts.filter((each) => each === count).length / counts.length;
    if (agreeing > best.agreeing || (agreeing === best.agreeing && count > best.count)) {
      best = { delimiter, agreeing, count };
    }
  }
  return best.delimiter;
}

/** How often `delimiter` stands outside quotes in each of the first records; blank ones and one cut off do not count. */
function countDelimiters(text: string, delimiter: string, whole: boolean): number[] {
  const counts: number[] = [];
  let count = 0;
  let quoted = false;
  let blank = true;
  let fieldStart = true;
  const end = (): void => {
    if (!blank) counts.push(count);
    [count, blank, fieldStart] = [0, true, true];
  };
  for (let i = 0; i < text.length && counts.length < SAMPLE; i++) {
    const character = text[i]!;
    if (quoted) {
      if (character !== '"') continue;
      // A doubled quote stands for one.
      if (text[i + 1] === '"') i++;
      else quoted = false;
    } else if (character === delimiter) {
      count++;
      [blank, fieldStart] = [false, true];
    } else if (character === '\n' || character === '\r') {
      end();
    } else if (character === '"' && fieldStart) {
      [quoted, blank, fieldStart] = [true, false, false];
    } else if (character !== ' ' && character !== '\t') {
      [blank, fieldStart] = [false, false];
    }
  }
  if (whole && counts.length < SAMPLE) end();
  return counts;
}

/** `1,5`, with no point and no second comma; NaN for anything else. */
export function parseDecimalComma(text: string): number {
  return /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i.test(text) ? Number(text.replace(',', '.')) : NaN;
}

/** The number that a field holds, by either decimal mark; NaN where it is none. */
export function parseNumber(text: string): number {
  const value = text === '' ? NaN : Number(text);
  return Number.isNaN(value) ? parseDecimalComma(text) : value;
}
