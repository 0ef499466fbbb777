// Makes the `east` command as a package of its own, build/east-<version>.tgz: `npm run package:command`. One file for firmware CI
// and for who has no VS Code: `npm install -g ./east-<version>.tgz`. Everything is bundled, so it brings no other packages.
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from './lib/cached-tools.mjs';
import { green, root, run } from './lib/steps.mjs';

const { version, license, engines } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);
const folder = join(root, 'build/command');

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const code = await run(process.execPath, [
  join(root, 'esbuild.mjs'),
  '--command',
  join(folder, 'dist'),
]);
if (code !== 0) process.exit(code);
for (const name of ['LICENSE', 'CHANGELOG.md']) await cp(join(root, name), join(folder, name));
await cp(join(root, 'docs/ci.md'), join(folder, 'README.md'));
const description = {
  name: 'east-sparse-command',
  version,
  description: 'Makes neural networks fit into the flash of microcontrollers: the east command.',
  license,
  type: 'module',
  bin: { east: 'dist/east.mjs' },
  engines: { node: engines.node },
};
await writeFile(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
await runNpm(['pack', folder, '--pack-destination', join(root, 'build'), '--silent'], {
  cwd: root,
});
const packed = join(root, 'build', `${description.name}-${version}.tgz`);
const { size } = await stat(packed);
console.log(green(`${packed} (${(size / 1e6).toFixed(2)} MB)`));
