import { describe, expect, it } from 'vitest';
import {
  configChanges,
  configFingerprint,
  withWorkspace,
} from '../../../src/core/config/config-identity';
import { requireDataset } from '../../../src/core/config/require-dataset';
import { resolvedConfig } from '../run/fixtures';

const config = resolvedConfig('/home/a/project');
const data = requireDataset(config);

describe('withWorkspace', () => {
  it('moves every path inside the workspace along, and back', () => {
    const moved = withWorkspace(config, '/mnt/p');
    expect(JSON.stringify(moved)).not.toContain('/home/a');
    expect(moved).toEqual(resolvedConfig('/mnt/p'));
    expect(withWorkspace(moved, config.workspace)).toEqual(config);
  });

  it('moves the linker script and the map along', () => {
    const firmware = { ...config.firmware, linkerScript: '/home/a/project/app.ld' };
    const moved = withWorkspace({ ...config, firmware }, '/mnt/p').firmware;
    expect(moved.linkerScript).toBe('/mnt/p/app.ld');
    expect(moved).not.toHaveProperty('mapFile');
  });

  it('leaves a path that only begins alike', () => {
    const odd = { ...config, dataset: { ...data, train: '/home/a/project2/x' } };
    expect(withWorkspace(odd, '/mnt/p').dataset?.train).toBe('/home/a/project2/x');
  });
});

describe('configFingerprint', () => {
  const same = configFingerprint(config);
  it('does not depend on place, checkpoint interval or order of keys', () => {
    expect(configFingerprint(resolvedConfig('/mnt/p'))).toBe(same);
    expect(
      configFingerprint({
        ...config,
        training: { ...config.training, checkpointSeconds: 5 },
        firmware: {
          ...config.firmware,
          directory: '/home/a/project/other',
          linkerScript: '/home/a/project/app.ld',
          mapFile: '/home/a/project/build/*.map',
          flashRegion: 'FLASH',
          ramRegion: 'RAM',
        },
      }),
    ).toBe(same);
    const reversed = Object.fromEntries(Object.entries(config.training).reverse());
    expect(configFingerprint({ ...config, training: { ...config.training, ...reversed } })).toBe(
      same,
    );
  });

  it('is what it was before there was a choice of encoder and codec', () => {
    const { encoder, codec, ...east } = config.east;
    expect([encoder, codec]).toEqual(['optimal', 'lz4']);
    const before: unknown = { ...config, east };
    expect(configFingerprint(before as typeof config)).toBe(same);
  });

  it('does not know whether decoding is limited as it usually is or was before there was a limit', () => {
    const { decode, ...before } = { decode: 0.65, ...config.budget };
    expect(configFingerprint({ ...config, budget: { ...before, decode } })).toBe(same);
    expect(configFingerprint({ ...config, budget: before })).toBe(same);
  });

  it.each([
    { ...config, name: 'other' },
    { ...config, budget: { ...config.budget, decode: 0.2 } },
    { ...config, budget: { ...config.budget, decode: 1 } },
    { ...config, budget: { ...config.budget, flash: 1 } },
    { ...config, training: { ...config.training, seed: 2 } },
    { ...config, dataset: { ...data, train: '/home/a/project/other.idx' } },
    { ...config, engine: 'cpu' as const },
    { ...config, east: { ...config.east, encoder: 'greedy' as const } },
    { ...config, east: { ...config.east, codec: 'auto' as const } },
  ])('changes with what changes the result (%#)', (other) => {
    expect(configFingerprint(other)).not.toBe(same);
  });
});

describe('configChanges', () => {
  it('names no key where the fingerprint is the same', () => {
    const moved = resolvedConfig('/mnt/p');
    const training = { ...config.training, checkpointSeconds: 5 };
    expect(configChanges(config, { ...moved, training })).toEqual([]);
  });

  it('names each key that differs, of a section down to its own keys', () => {
    const { ...model } = config.model;
    const other = {
      ...config,
      name: 'other',
      model: { ...model, classes: 3 },
      budget: { ...config.budget, ram: 5, weights: { fraction: 0.07 } },
      training: { ...config.training, seed: 99 },
    };
    const changes = configChanges(config, other);
    expect(changes).toEqual(
      expect.arrayContaining(['name', 'model.classes', 'budget.weights', 'training.seed']),
    );
    expect(new Set(changes).size).toBe(changes.length);
    expect([...configChanges(other, config)].sort()).toEqual([...changes].sort());
    expect(configFingerprint(other)).not.toBe(configFingerprint(config));
  });
});
