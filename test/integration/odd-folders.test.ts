/**
 * The built `east` command in folders whose names mean something to shells, patterns or option parsers: from a table to
 * checked sources, from inside the folder and from the one above.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/util/random';

const program = join(resolve(import.meta.dirname, '../..'), 'dist/east.mjs');
const base = mkdtempSync(join(tmpdir(), 'east-odd-'));
/** As root nothing is read-only: then it is nobody who does what follows. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

afterAll(() => {
  chmodSync(join(base, 'read-only'), 0o755);
  rmSync(base, { recursive: true, force: true });
});

interface Result {
  readonly code: number;
  readonly said: string;
}

function east(cwd: string, args: readonly string[], user: object = {}): Promise<Result> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { cwd, ...user },
      (_error, stdout, stderr) => done({ code: child.exitCode ?? 70, said: stdout + stderr }),
    );
  });
}

async function expectSuccess(
  cwd: string,
  args: readonly string[],
  user: object = {},
): Promise<string> {
  const { code, said } = await east(cwd, args, user);
  expect(code, `east ${args.join(' ')}\n${said}`).toBe(0);
  return said;
}

const SCRIPT = `MEMORY { FLASH (rx) : ORIGIN = 0, LENGTH = 64K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
SECTIONS { .text : { *(.text*) } > FLASH  .data : { *(.data*) } > RAM AT > FLASH  .bss : { *(.bss*) } > RAM }
`;

/** A table in two files, which a pattern finds, and a linker script. */
function fill(folder: string): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const random = createRandom(5);
  for (const name of ['train-1.csv', 'train-2.csv', 'test.csv']) {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const x = Array.from({ length: 4 }, () => (random.normal() + 3 * (i % 2)).toFixed(3));
      return [...x, i % 2 === 0 ? 'idle' : 'move'].join(',');
    });
    writeFileSync(join(folder, 'data', name), `a,b,c,d,state\n${rows.join('\n')}\n`);
  }
  writeFileSync(join(folder, 'app.ld'), SCRIPT);
  // The folder that no path leaves.
  writeFileSync(join(folder, '.git'), '');
}

const INIT = [
  'init',
  'toy',
  ...[
    '--format',
    'csv',
    '--train',
    'data/train-*.csv',
    '--test',
    'data/test.csv',
    '--label',
    'state',
  ],
  ...['--architecture', 'mlp', '--width', '8', '--epochs', '1', '--flash', '32KiB'],
];

/** From a table to checked sources, from within. */
async function goThrough(folder: string, user: object = {}): Promise<void> {
  expect(await expectSuccess(folder, INIT, user)).toContain('then: east run toy.east.json');
  const trained = await expectSuccess(folder, ['run', '--generate'], user);
  expect(trained).toContain('are in firmware/east');
  expect(await expectSuccess(folder, ['check'], user)).toContain('✓ the sources are those');
}

const NAMES: readonly (readonly [what: string, name: string])[] = [
  ['parentheses and a space', 'meter (copy)'],
  ['brackets', 'a[1]'],
  ['braces', '{x}'],
  ['letters outside ASCII', 'ü ß'],
  ['spaces in a row', 'my  meter '],
  ['a dash in front', '-meter'],
  ['200 characters', 'm'.repeat(200)],
];

describe.each(NAMES)('a folder with %s', (_, name) => {
  it('is worked in, and named from above', async () => {
    const folder = join(base, name);
    mkdirSync(folder);
    fill(folder);
    await goThrough(folder);
    const above = await expectSuccess(base, ['check', `./${name}/toy.east.json`]);
    expect(above).toContain('✓ the sources are those');
  });
});

it('every command works where all of them come together', async () => {
  // No system but Windows minds the last.
  const names = [
    '{a,b} !x',
    '#1 %41',
    `it's $HOME`,
    ...(process.platform === 'win32' ? [] : ['a*b?', 'c\\d']),
  ];
  const folder = join(base, ...names);
  mkdirSync(folder, { recursive: true });
  fill(folder);
  await goThrough(folder);
  const config = `./${names.join('/')}/toy.east.json`;
  for (const [args, said] of [
    [['status'], 'finished'],
    [['report'], 'total'],
    [['generate'], 'are in'],
  ] as const) {
    expect(await expectSuccess(folder, args)).toContain(said);
    expect(await expectSuccess(base, [...args, config])).toContain(said);
  }
  const resumed = await east(base, ['resume', config]);
  expect(resumed).toMatchObject({ code: 1, said: expect.stringContaining('is finished') });
});

it('sources are verified, and verified in a clone, in such a folder', async () => {
  const folder = join(base, 'fw (2) [b] {c}');
  mkdirSync(folder);
  fill(folder);
  await expectSuccess(folder, [...INIT, '--firmware', 'src (gen)/{east}']);
  await expectSuccess(folder, ['run', '--generate']);
  expect(await expectSuccess(folder, ['verify'])).toContain('every output byte as trained');
  const clone = join(base, 'clone of [it]');
  cpSync(folder, clone, { recursive: true, filter: (source) => !source.endsWith('.east') });
  expect(await expectSuccess(clone, ['verify'])).not.toContain('✗');
  expect(await expectSuccess(clone, ['check'])).toContain('✓ the sources are those');
});

it('a folder in one that is read-only needs nothing of it', async () => {
  const above = join(base, 'read-only');
  const folder = join(above, 'meter');
  mkdirSync(folder, { recursive: true });
  fill(folder);
  if ('uid' in nobody) {
    chmodSync(base, 0o755);
    chmodSync(folder, 0o777);
  }
  chmodSync(above, 0o555);
  await goThrough(folder, { ...nobody, env: { ...process.env, HOME: above } });
  expect(readdirSync(above)).toEqual(['meter']);
});

it('init makes a config of whatever file name, and says how to run it', async () => {
  const folder = join(base, 'names');
  mkdirSync(folder);
  fill(folder);
  for (const [argument, command] of [
    ['my meter (2)', "'my meter (2).east.json'"],
    ['7-segments', '7-segments.east.json'],
    ['./-dash', './-dash.east.json'],
    ['größe', 'größe.east.json'],
  ] as const) {
    const said = await expectSuccess(folder, ['init', argument, ...INIT.slice(2)]);
    expect(said).toContain(`then: east run ${command}\n`);
  }
});
