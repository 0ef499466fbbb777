import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    env: {
      // Whether "auto" finds a native engine must not depend on whose machine it is; its own tests look where it is.
      EAST_NATIVE_FOLDER: join(tmpdir(), 'east-no-native-engine'),
      EAST_WEBGPU_FOLDER: join(tmpdir(), 'east-no-gpu-engine'),
      EAST_TEST_NATIVE: process.env['EAST_NATIVE_FOLDER'] ?? '',
    },
    poolOptions: { forks: { maxForks: 2 } },
  },
});
