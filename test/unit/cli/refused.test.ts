/** What the system refuses, and what no machine can do: one message that says what, where and what to do, and exit 1. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type * as Os from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import { requireTrainable, trainingMemory } from '../../../src/core/plan/training-memory';
import { engineCache } from '../../../src/core/train/engines/cache-folder';
import { UserError } from '../../../src/core/util/errors';
import { mendable } from '../../../src/core/util/file-errors';
import { scratchFolders } from '../run/fixtures';
import { east, writeConfig } from './fixtures';

const home = vi.hoisted(() => ({ missing: false }));
vi.mock('node:os', async (original) => {
  const real = await original<typeof Os>();
  const homedir = (): string => {
    if (home.missing) throw new Error('uv_os_homedir returned ENOENT');
    return real.homedir();
  };
  return { ...real, default: { ...real, homedir }, homedir };
});
afterEach(() => {
  home.missing = false;
});

const scratch = scratchFolders();

/** As Node.js throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: refused, open '/some/file'`), {
    code,
    syscall: 'open',
    path: '/some/file',
  });
}

describe('what the system refuses somewhere in the midst of a command', () => {
  it.each([
    'ENOSPC',
    'EDQUOT',
    'EACCES',
    'EPERM',
    'EROFS',
    'EIO',
    'EMFILE',
    'ENFILE',
    'ENOTDIR',
    'ENAMETOOLONG',
    'ELOOP',
    'ENOMEM',
  ])('%s is one message and exit 1', async (code) => {
    const folder = scratch();
    writeConfig(folder);
    const checkSources = (): never => {
      throw systemError(code);
    };
    const result = await east(folder, ['check'], { checkSources });
    expect(result.code).toBe(1);
    expect(result.err.trim().split('\n').at(-1)).toMatch(/^east: \/some\/file: the system refuses/);
    expect(result.err).not.toMatch(/bug of EAST|^\s+at /m);
  });

  it('is no excuse for mistakes of our own', async () => {
    expect(mendable(new TypeError('x is undefined'))).toBeUndefined();
    expect(mendable(Object.assign(new Error('no call'), { code: 'ENOENT' }))).toBeUndefined();
    expect(mendable(new RangeError('Maximum call stack size exceeded'))).toBeUndefined();
    const folder = scratch();
    writeConfig(folder);
    const checkSources = (): never => {
      throw new TypeError('x is undefined');
    };
    expect((await east(folder, ['check'], { checkSources })).code).toBe(70);
  });

  it('tells of memory that there is not', () => {
    const refused = ((): unknown => {
      try {
        return new ArrayBuffer(2 ** 52);
      } catch (error) {
        return error;
      }
    })();
    expect(mendable(refused)?.message).toContain('not enough memory');
  });
});

describe('configs', () => {
  it.each([
    ['brackets', '['.repeat(100_000)],
    ['braces', '{"name":'.repeat(100_000)],
    ['closed brackets', `{"name": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('of 100,000 %s are refused at the first that is too deep', async (_what, text) => {
    const folder = scratch();
    mkdirSync(join(folder, '.vscode'));
    writeFileSync(join(folder, 'deep.east.json'), text);
    for (const command of ['check', 'run', 'status', 'report']) {
      const { code, err } = await east(folder, [command, 'deep.east.json']);
      if (command === 'status') continue;
      expect(code, `${command}: ${err}`).toBe(1);
      expect(err.length).toBeLessThan(1000);
    }
    const { err } = await east(folder, ['check', 'deep.east.json']);
    expect(err).toMatch(/deep\.east\.json:1:\d+: .*more than 100 deep/);
  });
});

describe('a user without a home folder', () => {
  it('lists runs and checks configs', async () => {
    home.missing = true;
    const folder = scratch();
    writeConfig(folder);
    expect((await east(folder, ['status'])).code).toBe(0);
    const checkSources = async () => ({ state: 'current' as const, details: [] });
    expect((await east(folder, ['check'], { checkSources })).code).toBe(0);
  });

  it('is told how to have engines kept', () => {
    home.missing = true;
    expect(() => engineCache({})).toThrow(UserError);
    expect(() => engineCache({})).toThrow(/set HOME/);
    expect(engineCache({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/east-sparse');
  });
});

describe('networks that no machine can train', () => {
  const graph = (units: number) =>
    buildGraph({
      input: [1, 1, units],
      classes: 4,
      layers: [
        { type: 'dense', name: 'wide', units },
        { type: 'dense', units: 4 },
      ],
    });
  const training = { optimizer: 'adam', batchSize: 64, pruneEpochs: 1 } as const;

  it('are refused for their checkpoints, with the layer to make smaller', () => {
    expect(() => requireTrainable(graph(20_000), training, 1e15)).toThrow(
      /checkpoints would have 6\.4 GB, .*layer "wide" .*400,000,000 weights/,
    );
  });

  it('are refused for the memory of this machine, and no others', () => {
    const { least } = trainingMemory(graph(1000), training);
    expect(least).toBeGreaterThan(4 * 5 * 1_000_000);
    expect(() => requireTrainable(graph(1000), training, least - 1)).toThrow(/at least 0\.0 GB/);
    expect(() => requireTrainable(graph(1000), training, least)).not.toThrow();
    expect(() => requireTrainable(graph(1000), training)).not.toThrow();
  });

  it('are refused by the plan of a run, at model', async () => {
    const folder = scratch();
    const file = writeConfig(folder, 'meter', {
      model: {
        input: [1, 1, 20_000],
        classes: 4,
        layers: [
          { type: 'dense', units: 20_000 },
          { type: 'dense', units: 4 },
        ],
      },
      budget: { weights: '50%' },
    });
    const { sourcesActions } = await import('../../../src/core/run/sources-actions');
    const { code, err } = await east(folder, ['run', file], { plan: sourcesActions.plan });
    expect(code).toBe(1);
    expect(err).toMatch(/meter\.east\.json:\d+:\d+: the network is too large to be trained/);
  });
});
