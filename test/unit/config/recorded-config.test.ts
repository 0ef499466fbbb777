/** What a run has recorded of its config is believed as little as a config that is new. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../../src/core/config/config';
import { configFingerprint } from '../../../src/core/config/config-identity';
import { requireConfined } from '../../../src/core/config/confinement';
import { parseConfig } from '../../../src/core/config/parse-config';
import { checkRecorded } from '../../../src/core/config/recorded-config';
import { UserError } from '../../../src/core/util/errors';
import { resolvedConfig, scratchFolders } from '../run/fixtures';

const scratch = scratchFolders();

/** As JSON on the disk has it. */
function onDisk(config: unknown): unknown {
  return JSON.parse(JSON.stringify(config));
}

function sound(value: unknown, workspace: string): ResolvedConfig {
  const checked = checkRecorded(onDisk(value), workspace);
  if ('problem' in checked) throw new Error(checked.problem);
  return checked.value;
}

function problem(value: unknown, workspace = '/w'): string {
  const checked = checkRecorded(onDisk(value), workspace);
  return 'problem' in checked ? checked.problem : 'none';
}

describe('a recorded config', () => {
  it('is read as it was written', () => {
    const config = resolvedConfig('/w');
    expect(sound(config, '/w')).toEqual(config);
    for (const weights of [{ bytes: 7 }, { fraction: 0.07 }, { fraction: 1 / 3 }]) {
      const other = { ...config, budget: { weights } };
      expect(sound(other, '/w')).toEqual(other);
    }
    expect(configFingerprint(sound(config, '/w'))).toBe(configFingerprint(config));
  });

  it.each([
    [
      'csv',
      { format: 'csv', train: 'data/*.csv', test: 'test[1]/{a,b}.csv', label: 'y', window: 4 },
    ],
    ['images', { format: 'images', train: 'data/train', test: 'data/test' }],
    ['cifar10', { format: 'cifar10', train: 'd/data_batch_*.bin', test: 'd/test_batch.bin' }],
  ])('of %s is what it was parsed to, in folders of any name and after a move', (_, dataset) => {
    const input = dataset.format === 'csv' ? [1, 4, 3] : [32, 32, 3];
    const text = JSON.stringify({
      model: { architecture: 'mlp', input, classes: 10 },
      dataset,
      budget: { flash: '64KiB', weights: '25%' },
      firmware: { linkerScript: 'x.ld', mapFile: 'build/**/*.map' },
    });
    for (const workspace of ['/w', '/a (1)/pro[j]{x}*']) {
      const parsed = parseConfig(text, join(workspace, 'sub', 'm.east.json'), workspace);
      expect(parsed.problems).toEqual([]);
      const config = parsed.config!;
      expect(sound(config, workspace)).toEqual(config);
      for (const moved of ['/elsewhere', '/b [2]/w']) {
        const again = parseConfig(text, join(moved, 'sub', 'm.east.json'), moved).config;
        expect(sound(config, moved)).toEqual(again);
      }
    }
  });

  it('gets the defaults of what earlier versions did not know', () => {
    const config = resolvedConfig('/w');
    const east = { method: 'east', group: 8, interval: 20 };
    const read = sound({ ...config, east }, '/w');
    expect(read.east).toEqual({ ...east, encoder: 'optimal', codec: 'lz4', freeze: 0.6 });
    expect({ ...read, east: config.east }).toEqual(config);
  });

  it('without a codec is of the one that there was before there was a choice, whatever is the default now', () => {
    const config = resolvedConfig('/w');
    const { codec, ...east } = config.east;
    expect(codec).toBe('lz4');
    for (const before of [
      { ...config, east },
      { ...config, east: undefined },
    ]) {
      expect(sound(before, '/w').east.codec).toBe('lz4');
    }
    expect(configFingerprint(sound({ ...config, east }, '/w'))).toBe(configFingerprint(config));
    for (const named of ['auto', 'entropy'] as const) {
      expect(sound({ ...config, east: { ...east, codec: named } }, '/w').east.codec).toBe(named);
    }
  });

  const config = resolvedConfig('/w');
  const { dataset, firmware, model, training } = config;
  it.each<[string, object, RegExp]>([
    ['a firmware folder outside', { firmware: { ...firmware, directory: '/etc' } }, /leads out/],
    ['one that climbs', { firmware: { ...firmware, directory: '/w/../etc' } }, /leads out/],
    ['a relative one', { firmware: { ...firmware, directory: 'firmware' } }, /leads out/],
    ['one in .git', { firmware: { ...firmware, directory: '/w/.git/hooks' } }, /into .git/],
    ['one in .GIT', { firmware: { ...firmware, directory: '/w/.GIT/hooks' } }, /into .GIT/],
    ['one in another .git', { firmware: { ...firmware, directory: '/w/a/.git/x' } }, /into .git/],
    ['one in .east', { firmware: { ...firmware, directory: '/w/.east/runs' } }, /into .east/],
    ['the whole workspace', { firmware: { ...firmware, directory: '/w' } }, /folder of their own/],
    ['a linker script outside', { firmware: { ...firmware, linkerScript: '/x.ld' } }, /leads out/],
    ['a pattern outside', { firmware: { ...firmware, mapFile: '/**/*.map' } }, /leads out/],
    ['a pattern that climbs', { firmware: { ...firmware, mapFile: '/w/*/../../x' } }, /may not/],
    ['data outside', { dataset: { ...dataset, train: '/dev/zero' } }, /leads out/],
    ['labels outside', { dataset: { ...dataset, testLabels: '/etc/passwd' } }, /leads out/],
    ['weights outside', { training: { ...training, initialWeights: '/a' } }, /leads out/],
    ['a zero character', { dataset: { ...dataset, test: '/w/a\0b' } }, /zero character/],
    ['a file outside', { file: '/etc/passwd' }, /file: .*outside/],
    ['no absolute file', { file: 'meter.east.json' }, /file: .*outside/],
    ['a path as its name', { name: '../../x' }, /name: expected a C identifier/],
    ['a line of C as its name', { name: 'x\n#include "/etc/passwd"\n' }, /name: expected/],
    ['the name of a target of CMake', { name: 'clean' }, /target of every CMake build/],
    ['unknown keys', { more: 1 }, /unknown key/],
    ['an unknown key in a section', { model: { ...model, x: 1 } }, /model.x: unknown key/],
    ['a network of both kinds', { model: { ...model, layers: [{ type: 'relu' }] } }, /both/],
    ['a size that is none', { budget: { flash: -5 } }, /budget.flash: Expected/],
    ['a size as text', { budget: { ram: '48KiB' } }, /budget.ram/],
    ['a share above all', { budget: { weights: { fraction: 2 } } }, /budget.weights/],
    ['too large a batch', { training: { ...training, batchSize: 1e9 } }, /training.batchSize/],
    ['no workspace', { workspace: 7 }, /workspace: .*Expected string/],
    ['another shape of a section', { training: [] }, /training: expected/],
  ])('with %s is refused, naming the key', (_, change, message) => {
    expect(problem({ ...config, ...change })).toMatch(message);
  });

  it('is refused in one short sentence, whatever it is', () => {
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const layers = Array.from({ length: 5000 }, () => ({ type: 'no', x: 1 }));
    for (const value of [
      ...[undefined, null, 7, 'x', [], {}, { model: null }],
      { ...config, ...keys },
      { ...config, ['x'.repeat(1_000_000)]: 1 },
      { ...config, name: 'x'.repeat(1_000_000) },
      { ...config, model: { ...model, architecture: undefined, layers } },
    ]) {
      const text = problem(value ?? null);
      expect(text).not.toBe('none');
      expect(text.length).toBeLessThan(2000);
    }
  });
});

describe.runIf(process.platform !== 'win32')('paths where they are used', () => {
  it('are refused when they have become links out of the workspace since', () => {
    const [workspace, elsewhere] = [scratch(), scratch()];
    const config = resolvedConfig(workspace);
    writeFileSync(join(elsewhere, 'x'), '');
    for (const name of ['train.idx', 'test.idx', 'train-labels.idx', 'test-labels.idx']) {
      writeFileSync(join(workspace, name), '');
    }
    expect(() => requireConfined(config, 'data')).not.toThrow();
    expect(() => requireConfined(config, 'sources')).not.toThrow();
    for (const [key, name] of [
      ['dataset.train', 'train.idx'],
      ['dataset.testLabels', 'test-labels.idx'],
    ] as const) {
      rmSync(join(workspace, name));
      symlinkSync(join(elsewhere, 'x'), join(workspace, name));
      expect(() => requireConfined(config, 'data')).toThrow(UserError);
      expect(() => requireConfined(config, 'data')).toThrow(key);
      rmSync(join(workspace, name));
      writeFileSync(join(workspace, name), '');
    }
    for (const target of [elsewhere, '/', join(workspace, '.git')]) {
      mkdirSync(join(workspace, '.git'), { recursive: true });
      symlinkSync(target, join(workspace, 'firmware'));
      expect(() => requireConfined(config, 'sources')).toThrow('firmware.directory');
      const below = { ...config, firmware: { ...config.firmware, directory: '' } };
      below.firmware.directory = join(workspace, 'firmware', 'east');
      expect(() => requireConfined(below, 'sources')).toThrow('firmware.directory');
      rmSync(join(workspace, 'firmware'));
    }
  });
});
