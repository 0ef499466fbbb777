import { defineConfig } from 'vitest/config';

// The end-to-end tests in a real VS Code; `npm run test:e2e` prepares what they need. One after the other: each file
// has an editor and a browser of its own, and trains.
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    // Longer than all that a test waits for, each with a limit of its own (lib/wait.ts).
    testTimeout: 3_600_000,
    hookTimeout: 1_800_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    bail: 0,
    reporters: ['verbose'],
  },
});
