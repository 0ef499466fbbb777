/**
 * `east engine install native`: gets tfjs-node from the npm registry and TensorFlow's library from where it can be had,
 * builds the addon between them, trains a step with it beside WASM, and only then puts it where it is found.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFolder } from './install-folder';
import type { Manifest } from '../engines/native-folder';
import {
  MANIFEST,
  nativeFolder,
  readInstallation,
  TFJS_NODE_VERSION,
} from '../engines/native-folder';
import { checkNative, type NativeCheck } from './check-in-process';
import { runOrFail } from './command';
import type { InstallOptions, Installed } from './installation';
import lock from './native.lock.json';
import { installPackages } from './npm-packages';
import { copyLibraries, fromIndex, fromPath } from './libtensorflow';
import { checkMachine, findCompiler, findNpm, thisMachine } from './requirements';
import { defined } from '../../util/defined';

export interface NativeInstallOptions extends InstallOptions {
  /** Absolute path of a wheel, an archive or a folder with the library; undefined: from the Python index. */
  readonly from?: string;
}

/** Bytes: modules 0.3 GB, libraries 0.9 GB twice, the wheel 0.3 GB. */
const ROOM = 2.6e9;
/** The addon's interface to Node.js is stable from this version of it on. */
const NODE_API = 8;

/** @throws UserError at whatever step does not work; then nothing has changed. */
export async function installNative(
  options: NativeInstallOptions,
): Promise<Installed<NativeCheck>> {
  const folder = nativeFolder();
  checkMachine(thisMachine());
  if (!options.force && readInstallation(folder) !== undefined) return { folder, check: undefined };
  const compiler = await findCompiler();
  const npm = await findNpm();
  const check = await installFolder(folder, 'native', ROOM, (staging) =>
    build(staging, compiler, npm, options),
  );
  return { folder, check };
}

async function build(
  staging: string,
  compiler: string,
  npm: string,
  { from, onNote, abort }: NativeInstallOptions,
): Promise<NativeCheck> {
  const options = { cwd: staging, ...defined({ abort }) };
  const work = join(staging, 'work');
  await mkdir(work);
  onNote(
    from === undefined ? 'TensorFlow 2.21, 274 MB, from the Python index' : `library: ${from}`,
  );
  const library = await (from === undefined
    ? fromIndex(work, options)
    : fromPath(from, work, options));
  const libraries = await copyLibraries(library, join(staging, 'lib'));

  onNote(`tfjs-node ${TFJS_NODE_VERSION} from the npm registry`);
  await installPackages('install tfjs-node', npm, lock, options);

  onNote(`building the addon with ${compiler}`);
  await compile(staging, compiler, library.include, libraries, options);
  await rm(work, { recursive: true });

  onNote('training a step beside WASM');
  const check = await checkNative(staging, abort);
  const manifest: Manifest = {
    tfjsNode: TFJS_NODE_VERSION,
    tensorflow: check.tensorflow,
    platform: process.platform,
    arch: process.arch,
  };
  await writeFile(join(staging, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return check;
}

/** What node-gyp would do, without the headers that it would download. */
async function compile(
  staging: string,
  compiler: string,
  include: string,
  libraries: readonly string[],
  options: { cwd: string; abort?: AbortSignal },
): Promise<void> {
  const modules = join(staging, 'node_modules');
  const tfjsNode = join(modules, '@tensorflow/tfjs-node');
  const target = join(tfjsNode, 'lib', `napi-v${NODE_API}`);
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((n) => join(tfjsNode, 'binding', n));
  await mkdir(target, { recursive: true });
  await runOrFail(
    'build the addon',
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${NODE_API}`],
      ...['-I', join(modules, 'node-api-headers', 'include'), '-I', include],
      ...sources,
      ...libraries,
      // From node_modules/@tensorflow/tfjs-node/lib/napi-v8 to lib.
      ...['-Wl,-rpath,$ORIGIN/../../../../../lib', '-o', join(target, 'tfjs_binding.node')],
    ],
    options,
  );
}
