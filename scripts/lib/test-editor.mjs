// The editor of the end-to-end tests: VS Code's own workbench, extension host and webviews as code-server packs them,
// from the npm registry alone, with the Node.js that it asks for. Microsoft's builds are not needed.
import { join } from 'node:path';
import { cachedTool, InstallError, runNpm } from './cached-tools.mjs';

const node = (folder) => join(folder, 'node_modules', `node-linux-${process.arch}`);

/** Paths of `{ node, server }`; installs both when they are not there: 850 MB and about two minutes. */
export async function testEditor() {
  if (process.platform !== 'linux') {
    throw new InstallError(
      'The end-to-end tests run on Linux; elsewhere use `npm run test:electron`.',
    );
  }
  const folder = await cachedTool('vscode-server', 'scripts/vscode', async (cwd) => {
    await runNpm(['install', '--ignore-scripts', '--no-package-lock'], { cwd });
    // Its native modules are compiled for the Node.js that came with it, with that one's headers.
    const env = {
      ...process.env,
      PATH: `${join(node(cwd), 'bin')}:${process.env.PATH}`,
      npm_config_nodedir: node(cwd),
    };
    const vscode = { cwd: join(cwd, 'node_modules/code-server/lib/vscode'), env };
    await runNpm(['install', '--omit=dev', '--ignore-scripts', '--no-package-lock'], vscode);
    await runNpm(['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], vscode);
  });
  return {
    node: join(node(folder), 'bin/node'),
    server: join(folder, 'node_modules/code-server/out/node/entry.js'),
  };
}
