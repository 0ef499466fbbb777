/**
 * Brings TensorFlow's C library and its headers into a folder: out of the Python index's wheel, whose libraries export
 * the C interface, or from a wheel, archive or folder that the user has.
 */
import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../util/errors';
import { runOrFail, type CommandOptions } from './command';
import { checkPip, findPython } from './requirements';

export interface Library {
  /** Holds `tensorflow/c/c_api.h`. */
  readonly include: string;
  /** Absolute files, as they are named in each other. */
  readonly libraries: readonly string[];
}

/** Its files are the same for every Python, so one of them will do. */
const WHEEL = {
  requirement: 'tensorflow-cpu==2.21.0',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  python: ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
  platform: 'manylinux_2_27_x86_64',
} as const;

const FRAMEWORK = 'libtensorflow_framework.so.2';
/** In the archives of libtensorflow, and in the wheel. */
const MAIN = ['libtensorflow.so.2', 'libtensorflow_cc.so.2'] as const;
const HEADER = 'tensorflow/c/eager/c_api.h';

/** Only what is linked and included; prefixes inside the wheel. */
const UNPACK = `
import sys, zipfile
wanted = ('tensorflow/libtensorflow', 'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/', 'tensorflow/include/xla/tsl/', 'tensorflow/include/tsl/')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(wanted):
            wheel.extract(name, sys.argv[2])
`;

/** Downloads the wheel with pip, by the user's own configuration, and unpacks it in `folder`. */
export async function fromIndex(folder: string, options: CommandOptions): Promise<Library> {
  const python = await findPython();
  await checkPip(python);
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
  const downloads = join(folder, 'wheel');
  await runOrFail(
    `download ${WHEEL.requirement} from the Python index`,
    python,
    [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
      ...['--disable-pip-version-check', '--progress-bar', 'off', '--require-hashes'],
      ...WHEEL.python,
      ...['--platform', WHEEL.platform, '--dest', downloads, '--requirement', requirements],
    ],
    options,
  );
  const [wheel] = await readdir(downloads);
  if (wheel === undefined) throw new UserError('pip has downloaded nothing');
  return unpackWheel(join(downloads, wheel), folder, options);
}

/** `path`: a wheel, an archive of libtensorflow, or either of them unpacked; absolute. */
export async function fromPath(
  path: string,
  folder: string,
  options: CommandOptions,
): Promise<Library> {
  if (!existsSync(path)) throw new UserError('there is no such file or folder', { file: path });
  if (statSync(path).isDirectory()) return findLibrary(path);
  if (path.endsWith('.whl')) return unpackWheel(path, folder, options);
  if (!/\.(tar\.gz|tgz|tar)$/.test(path)) {
    throw new UserError(
      '--from takes a TensorFlow wheel (.whl), an archive of libtensorflow (.tar.gz) or a folder with either of them unpacked',
      { file: path },
    );
  }
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await runOrFail(`unpack ${path}`, 'tar', ['-xf', path, '-C', unpacked], options);
  return findLibrary(unpacked, path);
}

/** Copies the libraries, which may lie on another disk or be links. */
export async function copyLibraries({ libraries }: Library, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const copies: string[] = [];
  for (const file of libraries) {
    const copy = join(folder, file.slice(file.lastIndexOf('/') + 1));
    await copyFile(file, copy);
    copies.push(copy);
  }
  return copies;
}

async function unpackWheel(
  wheel: string,
  folder: string,
  options: CommandOptions,
): Promise<Library> {
  const python = await findPython();
  const unpacked = join(folder, 'unpacked');
  await runOrFail(`unpack ${wheel}`, python, ['-c', UNPACK, wheel, unpacked], options);
  return findLibrary(unpacked, wheel);
}

/** Looks where the archives and the wheel have them. `source` is what to name when something is missing. */
export function findLibrary(folder: string, source = folder): Library {
  const places = [folder, join(folder, 'lib'), join(folder, 'tensorflow')];
  const main = places
    .flatMap((place) => MAIN.map((name) => join(place, name)))
    .find((file) => existsSync(file));
  if (main === undefined) {
    throw new UserError(
      `no TensorFlow library for Linux in it: neither ${MAIN.join(' nor ')}, in the folder itself, lib/ or tensorflow/`,
      { file: source },
    );
  }
  const framework = join(main, '..', FRAMEWORK);
  if (!existsSync(framework)) {
    throw new UserError(`${FRAMEWORK} is missing beside the library`, { file: main });
  }
  const include = [...places, join(folder, '..')]
    .map((place) => join(place, 'include'))
    .find((place) => existsSync(join(place, HEADER)));
  if (include === undefined) {
    throw new UserError(`the headers are missing: no include/${HEADER}`, { file: source });
  }
  return { include, libraries: [main, framework] };
}
