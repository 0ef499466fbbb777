import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    // For what hangs, not for what is slow: other work may share the machine.
    testTimeout: 900_000,
    hookTimeout: 900_000,
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
