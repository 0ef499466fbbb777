import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('docs/config.md says what the schema says', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/config-docs.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});
