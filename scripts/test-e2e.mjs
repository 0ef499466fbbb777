// End-to-end tests of the packaged extension in a real VS Code: `npm run test:e2e [-- file or options of vitest]`.
// With --no-package the package of the last time is tested.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstallError } from './lib/cached-tools.mjs';
import { red, root, run } from './lib/steps.mjs';
import { testEditor } from './lib/test-editor.mjs';

const options = process.argv.slice(2);
const vitest = options.filter((option) => option !== '--no-package');

async function step(program, ...args) {
  const code = await run(program, args);
  if (code !== 0) process.exit(code);
}

/** Absolute path of the browser that shows the workbench. */
function browser() {
  const found = [
    process.env.EAST_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((file) => file !== undefined && existsSync(file));
  if (found !== undefined) return found;
  throw new InstallError(
    'No Chromium found. `sudo apt-get install chromium`, or set EAST_CHROMIUM to the path of one.',
  );
}

try {
  await step(process.execPath, join(root, 'scripts/setup.mjs'), '--editor');
  if (vitest.length === options.length) await step(process.execPath, 'scripts/package.mjs');
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const editor = await testEditor();
  process.env.EAST_E2E_NODE = editor.node;
  process.env.EAST_E2E_SERVER = editor.server;
  process.env.EAST_E2E_CHROMIUM = browser();
  process.env.EAST_E2E_VSIX = join(root, 'build', `${name}-${version}.vsix`);
  await step('npx', 'vitest', 'run', '--config', 'vitest.e2e.config.ts', ...vitest);
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(red(error.message));
  process.exit(1);
}
