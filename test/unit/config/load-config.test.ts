import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireDataset } from '../../../src/core/config/require-dataset';
import { checkConfigFile, loadConfig } from '../../../src/core/config/load-config';
import { globFiles, splitPattern } from '../../../src/core/config/glob';
import { findWorkspace } from '../../../src/core/config/workspace';
import { ConfigError } from '../../../src/core/config/problem';
import { UserError, formatUserError } from '../../../src/core/util/errors';
import { defined } from '../../../src/core/util/defined';

const GOOD = `{
  "model": { "architecture": "resnet8", "input": [32, 32, 3], "classes": 10 },
  "dataset": { "format": "cifar10", "train": "data/b_*.bin", "test": "data/test.bin" },
  "budget": { "weights": "25%" }
}`;

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'east-config-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function failure(file: string, workspace?: string): UserError {
  try {
    loadConfig(file, defined({ workspace }));
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('loadConfig', () => {
  it('reads a file, a byte order mark included', () => {
    const file = write('project/meter.east.json', `\uFEFF${GOOD}`);
    expect(loadConfig(file)).toMatchObject({
      name: 'meter',
      file,
      workspace: join(root, 'project'),
    });
  });

  it('says which file cannot be read', () => {
    const file = join(root, 'none.east.json');
    expect(formatUserError(failure(file))).toMatch(
      new RegExp(`^${file}: the config cannot be read: there is no such file`),
    );
  });

  it('stands at the position of a single problem', () => {
    const file = write('a.east.json', GOOD.replace('"25%"', '"25%", "flsh": 1'));
    const error = failure(file);
    expect(error).toBeInstanceOf(ConfigError);
    expect(formatUserError(error)).toBe(
      `${file}:4:33: budget.flsh: unknown key; did you mean "flash"?`,
    );
  });

  it('lists several problems, each with its position, and no warnings', () => {
    const file = write(
      'a.east.json',
      GOOD.replace('"25%"', '"25%", "flsh": 1').replace(
        '{\n',
        '{ "engine": "cpuu", "training": { "momentum": 0.5 },\n',
      ),
    );
    expect(formatUserError(failure(file))).toBe(
      [
        `${file}: 2 problems in the config`,
        `  ${file}:1:13: engine: expected one of "auto", "wasm", "native", "webgpu", "cpu", found "cpuu"; did you mean "cpu"?`,
        `  ${file}:4:33: budget.flsh: unknown key; did you mean "flash"?`,
      ].join('\n'),
    );
  });

  it('passes warnings on', () => {
    const file = write('a.east.json', GOOD.replace('{\n', '{ "east": { "group": 4 },\n'));
    const warnings: string[] = [];
    loadConfig(file, { onWarning: ({ message, line }) => warnings.push(`${line} ${message}`) });
    expect(warnings).toEqual(['1 east.group: has no effect with method east, only with group']);
  });
});

describe('the workspace', () => {
  it.each(['.git', '.vscode', '.east'])('is the nearest folder with %s', (mark) => {
    const file = write('outer/inner/models/a.east.json', GOOD);
    mkdirSync(join(root, 'outer', '.git'));
    mkdirSync(join(root, 'outer/inner', mark));
    expect(findWorkspace(file)).toBe(join(root, 'outer/inner'));
  });

  it('must hold the config', () => {
    const file = write('a/a.east.json', GOOD);
    mkdirSync(join(root, 'b'));
    expect(failure(file, join(root, 'b')).message).toBe(
      `the config lies outside the workspace folder ${join(root, 'b')}`,
    );
  });

  it('is not left through a symbolic link', () => {
    const file = write('ws/a.east.json', GOOD);
    write('secret/b_1.bin', 'x');
    symlinkSync(join(root, 'secret'), join(root, 'ws/data'));
    const text = (key: string, line: string) =>
      `  ${file}:3:${line}: dataset.${key}: ${join(root, 'ws/data')} is a symbolic link to ` +
      `${join(root, 'secret')}, outside the workspace folder ${join(root, 'ws')}`;
    expect(formatUserError(failure(file))).toBe(
      [`${file}: 2 problems in the config`, text('train', '46'), text('test', '70')].join('\n'),
    );
    expect(loadConfig(file, { workspace: root }).workspace).toBe(root);
  });

  it('is not left through a link that leads nowhere yet', () => {
    const file = write('ws/a.east.json', GOOD);
    symlinkSync(join(root, 'later'), join(root, 'ws/firmware'));
    expect(failure(file).message).toBe(
      `firmware.directory: ${join(root, 'ws/firmware')} is a broken symbolic link`,
    );
  });

  it('may have links within, and lie behind a link itself', () => {
    write('ws/real/b_1.bin', 'x');
    write('ws/a.east.json', GOOD);
    symlinkSync(join(root, 'ws/real'), join(root, 'ws/data'));
    symlinkSync(join(root, 'ws'), join(root, 'alias'));
    expect(loadConfig(join(root, 'alias/a.east.json')).workspace).toBe(join(root, 'alias'));
  });

  it('is checked for a text that is not saved', () => {
    const file = join(root, 'a.east.json');
    symlinkSync(tmpdir(), join(root, 'data'));
    const { config, problems } = checkConfigFile(GOOD, file);
    expect(config).toBeUndefined();
    expect(problems.map(({ path }) => path.join('.'))).toEqual(['dataset.train', 'dataset.test']);
  });
});

it('keeps globs working in a folder whose name looks like one', async () => {
  const folder = 'odd [x] {y,z} (a|b) !q*';
  const found = write(`${folder}/data/b_1.bin`, 'x');
  const config = loadConfig(write(`${folder}/a.east.json`, GOOD));
  const { workspace } = config;
  expect(
    await globFiles(splitPattern(requireDataset(config).train, workspace), { workspace }),
  ).toEqual([found]);
  expect(config.dataset?.test).toBe(join(root, folder, 'data/test.bin'));
});
