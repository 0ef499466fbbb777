// Runs the in-host suite in a desktop VS Code that it downloads: `npm run test:electron [-- version]`, the version being
// `stable`, `insiders` or a number such as 1.90.0 (the oldest supported). Not part of CI, where Microsoft's builds cannot
// be reached; there the same suite runs inside the editor of `npm run test:e2e`.
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { root, run, red } from '../../scripts/lib/steps.mjs';
import { buildHostSuite } from '../host/build.mjs';

const version = process.argv[2] ?? 'stable';

let vscodeExecutablePath;
try {
  vscodeExecutablePath = await downloadAndUnzipVSCode({
    version,
    cachePath: join(root, 'build/vscode-test'),
  });
} catch (error) {
  console.error(
    red(`Desktop VS Code (${version}) could not be downloaded: ${error.message}`),
    '\nThis test needs update.code.visualstudio.com. Without it, `npm run test:e2e` runs the same suite in the VS Code' +
      ' of the npm registry (Linux).',
  );
  process.exit(1);
}

const code = await run(process.execPath, ['esbuild.mjs']);
if (code !== 0) process.exit(code);
const suite = await buildHostSuite();
const parent = await mkdtemp(join(tmpdir(), 'east-electron-'));
try {
  const workspace = join(parent, 'meter');
  await cp(join(root, 'examples/meter'), workspace, {
    recursive: true,
    filter: (source) => !/[\\/](\.east|data|build|east)$/.test(source),
  });
  const draw = [join(root, 'examples/meter/draw.mjs'), '--out', join(workspace, 'data')];
  execFileSync(process.execPath, [...draw, '--train', '1500', '--test', '400']);
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    launchArgs: [
      workspace,
      '--disable-extensions',
      '--disable-workspace-trust',
      `--user-data-dir=${join(parent, 'user')}`,
    ],
  });
} catch (error) {
  console.error(red(error.message));
  process.exitCode = 1;
} finally {
  await rm(parent, { recursive: true, force: true });
}
