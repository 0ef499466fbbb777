// End-to-end tests of the packaged extension in a real VS Code: `npm run test:e2e [-- file or options of vitest]`.
// With --no-package the package of the last time is tested.
import { InstallError } from './lib/cached-tools.mjs';
import { prepareEndToEnd } from './lib/e2e-environment.mjs';
import { red, run } from './lib/steps.mjs';

const options = process.argv.slice(2);
const vitest = options.filter((option) => option !== '--no-package');

try {
  await prepareEndToEnd({ pack: vitest.length === options.length });
  process.exitCode = await run('npx', [
    ...['vitest', 'run', '--config', 'vitest.e2e.config.ts'],
    ...vitest,
  ]);
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(red(error.message));
  process.exitCode = 1;
}
