/**
 * `east engine install webgpu`: gets Dawn for Node and its TensorFlow.js backend from the npm registry, trains a step with
 * them beside WASM, and only then puts them where they are found. They hold the binaries of all systems, some 150 MB,
 * which is why they are no part of the package.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../util/errors';
import {
  isWebgpuInstalled,
  WEBGPU_MANIFEST,
  WEBGPU_PACKAGES,
  webgpuFolder,
} from '../engines/webgpu-folder';
import { checkWebgpu, type WebgpuCheck } from './check-in-process';
import { installFolder } from './install-folder';
import type { InstallOptions, Installed } from './installation';
import { installPackages } from './npm-packages';
import { findNpm } from './requirements';
import lock from './webgpu.lock.json';
import { defined } from '../../util/defined';

/** Bytes: the packages and npm's copy of them. */
const ROOM = 0.4e9;
/** Those of Dawn in the npm package. */
const SYSTEMS = [
  'darwin-x64',
  'darwin-arm64',
  'linux-x64',
  'linux-arm64',
  'win32-x64',
  'win32-arm64',
];

/** @throws UserError at whatever step does not work; then nothing has changed. */
export async function installWebgpu(options: InstallOptions): Promise<Installed<WebgpuCheck>> {
  const folder = webgpuFolder();
  checkSystem(`${process.platform}-${process.arch}`);
  if (!options.force && isWebgpuInstalled(folder)) return { folder, check: undefined };
  const npm = await findNpm();
  const check = await installFolder(folder, 'webgpu', ROOM, (staging) =>
    build(staging, npm, options),
  );
  return { folder, check };
}

/** @throws UserError where there are no binaries for it. */
export function checkSystem(system: string): void {
  if (SYSTEMS.includes(system)) return;
  throw new UserError(
    `the GPU engine exists for ${SYSTEMS.join(', ')}, not for ${system}; train with the engine "wasm"`,
  );
}

async function build(
  staging: string,
  npm: string,
  { onNote, abort }: InstallOptions,
): Promise<WebgpuCheck> {
  const options = { cwd: staging, ...defined({ abort }) };
  onNote(
    `Dawn ${WEBGPU_PACKAGES.webgpu} and its TensorFlow.js backend, 54 MB, from the npm registry`,
  );
  await installPackages('install the GPU engine', npm, lock, options);
  onNote('training a step beside WASM');
  const check = await checkWebgpu(staging, abort);
  const { platform, arch } = process;
  const manifest = { webgpu: WEBGPU_PACKAGES.webgpu, platform, arch };
  await writeFile(join(staging, WEBGPU_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return check;
}
