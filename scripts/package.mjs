// Makes the extension package, build/east-sparse-<version>.vsix: `npm run package`. Everything that runs is bundled, so
// nothing of node_modules goes in; .vscodeignore says what does.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedTool, InstallError, runNpm } from './lib/cached-tools.mjs';
import { green, red, root, run } from './lib/steps.mjs';

const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const vsix = join(root, 'build', `${name}-${version}.vsix`);

async function vsce() {
  // Its optional parts are native and for publishing only.
  const folder = await cachedTool('vsce', 'scripts/vsix', (cwd) =>
    runNpm(['ci', '--ignore-scripts', '--omit=optional'], { cwd }),
  );
  return join(folder, 'node_modules/@vscode/vsce/vsce');
}

try {
  const program = await vsce();
  await mkdir(join(root, 'build'), { recursive: true });
  const steps = [
    [join(root, 'esbuild.mjs')],
    // Links to images stay as they are until the repository has a public address.
    [program, 'package', '--no-dependencies', '--allow-missing-repository'].concat([
      '--no-rewrite-relative-links',
      '--out',
      vsix,
    ]),
  ];
  for (const step of steps) {
    const code = await run(process.execPath, step);
    if (code !== 0) process.exit(code);
  }
  const { size } = await stat(vsix);
  console.log(green(`${vsix} (${(size / 1e6).toFixed(2)} MB)`));
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(red(error.message));
  process.exit(1);
}
