/** What `east engine install native` refuses, and that nothing of it stays. None of it downloads anything. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openNativeEngine } from '../../../src/core/train/engines/native-engine';
import {
  MANIFEST,
  nativeFolder,
  readInstallation,
} from '../../../src/core/train/engines/native-folder';
import { checkNative } from '../../../src/core/train/install/check-in-process';
import { installNative } from '../../../src/core/train/install/install-native';
import { findLibrary } from '../../../src/core/train/install/libtensorflow';
import {
  checkDisk,
  checkMachine,
  thisMachine,
  type Machine,
} from '../../../src/core/train/install/requirements';
import { UserError } from '../../../src/core/util/errors';
import { defined } from '../../../src/core/util/defined';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'east-native-install-'));
  vi.stubEnv('EAST_NATIVE_FOLDER', join(scratch, 'cache', 'native'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

function file(path: string, content = ''): string {
  const absolute = join(scratch, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, content);
  return absolute;
}

const suitable: Machine = { platform: 'linux', arch: 'x64', glibc: '2.36', processor: ['avx'] };

describe('checkMachine', () => {
  it.each<[Partial<Machine>, RegExp]>([
    [{ platform: 'win32' }, /Linux on x86-64; this is win32 on x64.*npm install/],
    [{ platform: 'darwin', arch: 'arm64' }, /this is darwin on arm64/],
    [{ arch: 'arm64' }, /this is linux on arm64/],
    [{ glibc: undefined }, /GNU C library/],
    [{ glibc: '2.17' }, /glibc 2\.27 or newer, this system has 2\.17/],
    [{ processor: ['sse4_2'] }, /a processor with AVX/],
  ])('%j', (change, message) => {
    expect(() => checkMachine({ ...suitable, ...change })).toThrow(UserError);
    expect(() => checkMachine({ ...suitable, ...change })).toThrow(message);
  });

  it('takes a suitable one, also where the processor is unknown', () => {
    checkMachine(suitable);
    checkMachine({ ...suitable, glibc: '2.27', processor: undefined });
  });
});

it('a full disk is told before anything is downloaded', async () => {
  await expect(checkDisk(scratch, 1e18)).rejects.toThrow(/needs \d+ MiB of disk space, \d+ MiB/);
  await checkDisk(scratch, 1);
});

describe('findLibrary', () => {
  it('says what is missing', () => {
    expect(() => findLibrary(scratch)).toThrow('no TensorFlow library for Linux in it');
    file('lib/libtensorflow.so.2');
    expect(() => findLibrary(scratch)).toThrow('libtensorflow_framework.so.2 is missing beside');
    file('lib/libtensorflow_framework.so.2');
    expect(() => findLibrary(scratch)).toThrow('the headers are missing');
  });

  it.each([
    ['an archive', 'lib/libtensorflow.so.2', 'include'],
    ['a wheel', 'tensorflow/libtensorflow_cc.so.2', 'tensorflow/include'],
    ['the package itself', 'libtensorflow_cc.so.2', 'include'],
  ])('finds it where %s has it', (_, main, include) => {
    file(main);
    const framework = file(join(dirname(main), 'libtensorflow_framework.so.2'));
    file(join(include, 'tensorflow/c/eager/c_api.h'));
    expect(findLibrary(scratch)).toEqual({
      include: join(scratch, include),
      libraries: [join(scratch, main), framework],
    });
  });
});

describe('an installation', () => {
  const manifest = {
    tfjsNode: '4.22.0',
    tensorflow: '2.21.0',
    platform: process.platform,
    arch: process.arch,
  };

  it('is found only when complete, readable and for this kind of machine', () => {
    expect(readInstallation(scratch)).toBeUndefined();
    file(MANIFEST, '{ "tfjsNode": "4.2');
    expect(readInstallation(scratch)).toBeUndefined();
    file(MANIFEST, JSON.stringify({ ...manifest, arch: 'mips' }));
    expect(readInstallation(scratch)).toBeUndefined();
    file(MANIFEST, JSON.stringify(manifest));
    expect(readInstallation(scratch)).toEqual(manifest);
  });

  it('of another version, or without its addon, is a reason and not a crash', async () => {
    const description = 'node_modules/@tensorflow/tfjs-node/package.json';
    const other = { name: '@tensorflow/tfjs-node', version: '3.0.0', main: 'index.js' };
    file(description, JSON.stringify(other));
    expect(await openNativeEngine({ only: scratch })).toMatchObject({
      found: true,
      reason: '@tensorflow/tfjs-node is version 3.0.0, 4.22.0 is needed',
    });
    file(description, JSON.stringify({ ...other, version: '4.22.0' }));
    file('node_modules/@tensorflow/tfjs-node/index.js', 'throw new Error("no addon\\nat all");');
    expect(await openNativeEngine({ only: scratch })).toMatchObject({
      found: true,
      reason: 'no addon',
    });
  });

  it.skipIf(process.platform === 'win32')('that takes its process down is not taken', async () => {
    file(
      'node_modules/@tensorflow/tfjs-node/package.json',
      JSON.stringify({ name: '@tensorflow/tfjs-node', version: '4.22.0', main: 'index.js' }),
    );
    file(
      'node_modules/@tensorflow/tfjs-node/index.js',
      'process.stderr.write("illegal instruction\\n"); process.kill(process.pid, "SIGILL");',
    );
    await expect(checkNative(scratch)).rejects.toThrow(
      /does not run here: its process ended with signal SIGILL[^]*illegal instruction/,
    );
  });
});

function suits(): boolean {
  try {
    checkMachine(thisMachine());
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!suits())('installNative', () => {
  const install = (from?: string): Promise<unknown> =>
    installNative({
      ...defined({ from }),
      force: false,
      onNote: () => undefined,
    });

  /** Nothing is left of a failed attempt. */
  function expectNothing(): void {
    expect(readdirSync(dirname(nativeFolder()))).toEqual([]);
  }

  it.each([
    ['missing.whl', undefined, 'there is no such file or folder'],
    ['library.zip', 'PK', '--from takes a TensorFlow wheel'],
    ['library.tar.gz', 'no archive', 'could not unpack'],
    ['tensorflow.whl', 'no wheel', 'could not unpack'],
  ])('refuses %s', async (name, content, message) => {
    const path = content === undefined ? join(scratch, name) : file(name, content);
    await expect(install(path)).rejects.toThrow(UserError);
    await expect(install(path)).rejects.toThrow(message);
    expectNothing();
  });

  it('refuses a folder without the library', async () => {
    mkdirSync(join(scratch, 'empty'));
    await expect(install(join(scratch, 'empty'))).rejects.toThrow('no TensorFlow library');
    expectNothing();
  });

  it('needs a compiler, npm and Python, each by its name', async () => {
    const tools = join(scratch, 'bin');
    mkdirSync(tools);
    vi.stubEnv('CXX', '');
    vi.stubEnv('PATH', tools);
    const pretend = (name: string, script: string): void => {
      chmodSync(file(join('bin', name), `#!/bin/sh\n${script}\n`), 0o755);
    };
    await expect(install()).rejects.toThrow('needs a C++ compiler');
    pretend('c++', 'exit 0');
    await expect(install()).rejects.toThrow('needs npm');
    pretend('npm', 'exit 0');
    await expect(install()).rejects.toThrow('needs Python 3');
    pretend('python3', '[ "$1" = -c ]');
    await expect(install()).rejects.toThrow('python3 has no pip');
    pretend('python3', 'case "$3" in download) echo "No matching distribution" >&2; exit 1;; esac');
    await expect(install()).rejects.toThrow(/could not download tensorflow-cpu[^]*No matching/);
    expectNothing();
  });

  it('clears away what a killed attempt left, not what one under way has', async () => {
    const parent = dirname(nativeFolder());
    // No process has such a number.
    mkdirSync(join(parent, 'installing-native-999999999-abc'), { recursive: true });
    mkdirSync(join(parent, `installing-native-${process.pid}-abc`));
    await expect(install(join(scratch, 'missing.whl'))).rejects.toThrow('no such file');
    expect(readdirSync(parent)).toEqual([`installing-native-${process.pid}-abc`]);
  });

  it('leaves an installation as it is unless told otherwise', async () => {
    const folder = nativeFolder();
    mkdirSync(folder, { recursive: true });
    const manifest = {
      tfjsNode: '4.22.0',
      tensorflow: '2',
      platform: process.platform,
      arch: process.arch,
    };
    writeFileSync(join(folder, MANIFEST), JSON.stringify(manifest));
    expect(await install(join(scratch, 'missing.whl'))).toEqual({ folder, check: undefined });
  });
});
