// End-to-end tests of the packaged extension in a real VS Code: `npm run test:e2e [-- file or options of vitest]`.
// With --no-package the package of the last time is tested; with --once-more the files that failed run a second time: a
// browser, an editor and a training share the machine, and what failed only because that was slow passes then.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstallError } from './lib/cached-tools.mjs';
import { prepareEndToEnd } from './lib/e2e-environment.mjs';
import { bold, red, run } from './lib/steps.mjs';

const options = process.argv.slice(2);
const vitest = options.filter((option) => !['--no-package', '--once-more'].includes(option));
const folder = mkdtempSync(join(tmpdir(), 'east-e2e-results-'));
const results = join(folder, 'results.json');

const test = (args) =>
  run('npx', [
    ...['vitest', 'run', '--config', 'vitest.e2e.config.ts'],
    ...['--reporter=verbose', '--reporter=json', `--outputFile.json=${results}`],
    ...args,
  ]);

/** Paths of the test files in which something failed. */
function failedFiles() {
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

try {
  await prepareEndToEnd({ pack: !options.includes('--no-package') });
  process.exitCode = await test(vitest);
  if (process.exitCode !== 0 && options.includes('--once-more')) {
    const failed = failedFiles();
    console.log(bold(`\n── Once more: ${failed.join(', ')}`));
    if (failed.length > 0) process.exitCode = await test(failed);
  }
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(red(error.message));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
