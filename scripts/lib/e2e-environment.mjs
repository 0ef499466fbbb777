// What is needed to drive the packaged extension in a real VS Code, found or installed, as environment variables that
// test/e2e/lib/environment.ts reads.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstallError } from './cached-tools.mjs';
import { findChromium } from './chromium.mjs';
import { root, run } from './steps.mjs';
import { testEditor } from './test-editor.mjs';

/** Absolute path of the browser that shows the workbench. */
function browser() {
  const found = findChromium();
  if (found !== undefined) return found;
  throw new InstallError(
    'No Chromium found. `sudo apt-get install chromium`, or set EAST_CHROMIUM to the path of one.',
  );
}

/** Makes the package, unless told to take the one of the last time. Throws InstallError. */
export async function prepareEndToEnd({ pack = true } = {}) {
  const step = async (what, ...args) => {
    const code = await run(process.execPath, args);
    if (code !== 0) throw new InstallError(`${what} failed, exit code ${code}.`);
  };
  await step('The set-up', join(root, 'scripts/setup.mjs'), '--editor');
  if (pack) await step('Packaging', join(root, 'scripts/package.mjs'));
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const editor = await testEditor();
  const vsix = join(root, 'build', `${name}-${version}.vsix`);
  process.env.EAST_E2E_NODE = editor.node;
  process.env.EAST_E2E_SERVER = editor.server;
  process.env.EAST_E2E_CHROMIUM = browser();
  process.env.EAST_E2E_VSIX = vsix;
  return { vsix };
}
