import { describe, expect, it } from 'vitest';
import { locateKey, parseDocument } from '../../../src/core/config/document';

const TEXT = `{ // first
  "budget": {
    "flash": "64KiB",\r
    "list": [
      1, { "deep": [true, null] }
    ]
  }
}`;

function marked(path: (string | number)[]): string {
  const { offset, length } = locateKey(TEXT, path);
  return TEXT.slice(offset, offset + length);
}

describe('locateKey', () => {
  it('finds keys and elements', () => {
    expect(locateKey(TEXT, ['budget', 'flash'])).toEqual({
      offset: 29,
      length: 7,
      line: 3,
      column: 5,
    });
    expect(marked(['budget'])).toBe('"budget"');
    expect(marked(['budget', 'list', 0])).toBe('1');
    expect(marked(['budget', 'list', 1, 'deep'])).toBe('"deep"');
    expect(marked(['budget', 'list', 1, 'deep', 1])).toBe('null');
    expect(locateKey(TEXT, ['budget', 'list', 1, 'deep'])).toMatchObject({ line: 5, column: 12 });
  });

  it('falls back to the nearest ancestor', () => {
    expect(marked(['budget', 'ram'])).toBe('"budget"');
    expect(marked(['budget', 'list', 7, 'x'])).toBe('"list"');
    expect(marked(['model', 'layers', 3])).toBe('{');
    expect(marked([])).toBe('{');
    expect(locateKey('', ['model'])).toEqual({ offset: 0, length: 0, line: 1, column: 1 });
  });

  it('marks no more than one line', () => {
    expect(locateKey('[\n[1,\n2]]', [0])).toEqual({ offset: 2, length: 3, line: 2, column: 1 });
  });

  it('agrees with counting line breaks, whatever they are', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['{', '"a": 1,', '', ' "b": 2', '}'].join(end);
      expect(locateKey(text, ['b'])).toMatchObject({
        line: 4,
        column: 2,
        offset: text.indexOf('"b"'),
      });
    }
  });
});

describe('parseDocument', () => {
  it('gives plain data', () => {
    const { value, syntaxErrors, duplicates } = parseDocument(
      '{ "a": [1, "x", null, false, { }], }',
    );
    expect(value).toEqual({ a: [1, 'x', null, false, {}] });
    expect([syntaxErrors, duplicates]).toEqual([[], []]);
  });

  it('never changes a prototype', () => {
    const { value } = parseDocument('{ "__proto__": { "polluted": 1 } }');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
  });

  it('survives any half of a config', () => {
    for (let end = 0; end <= TEXT.length; end++) {
      const { syntaxErrors } = parseDocument(TEXT.slice(0, end));
      expect(syntaxErrors.length > 0).toBe(end < TEXT.length);
    }
  });
});
