/** Which config a command is about: the argument, with or without its ending, or the only one in the folder. */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { withFileErrors } from '../core/util/file-errors';
import { CONFIG_SUFFIX } from '../core/config/template-choices';
import { UserError } from '../core/util/errors';
import { UsageError } from './exit-codes';
import { shellWord } from './shell-word';

/** Absolute path. Throws UsageError where there is no config or a choice, UserError where the argument is not there. */
export function findConfig(argument: string | undefined, cwd: string): string {
  const path = resolve(cwd, argument ?? '.');
  if (!existsSync(path)) {
    if (existsSync(path + CONFIG_SUFFIX)) return readable(path + CONFIG_SUFFIX);
    throw new UserError('there is no such config; write one with "east init"', { file: path });
  }
  if (!statSync(path).isDirectory()) return readable(path);
  const found = withFileErrors('read the folder', path, () => readdirSync(path))
    .filter((name) => name.endsWith(CONFIG_SUFFIX))
    .sort();
  if (found.length === 1) return readable(join(path, found[0]!));
  if (found.length === 0) {
    throw new UsageError(
      `no *${CONFIG_SUFFIX} in ${path}: write one with "east init", or name one`,
    );
  }
  throw new UsageError(`several configs in ${path}, name one of them: ${found.join(', ')}`);
}

/** Ends of the names of files that hold a network, data or weights, which people name where a config is wanted. */
const NETWORKS = /\.(tflite|onnx|keras|h5|hdf5|pb|pt|pth|pt2|safetensors|ckpt)$/i;
const DATA = /\.(csv|npy|npz|idx|gz|png|jpe?g|wav|zip)$/i;

/** A network's or a data set's own file is no config, and no JSON: said before it is read as one. */
function refuseOthers(file: string): void {
  const what = NETWORKS.test(file) ? 'a network' : DATA.test(file) ? 'data' : undefined;
  if (what === undefined) return;
  if (what === 'a network') {
    throw new UserError(
      `this is a network, and no config; write a config that takes it with "east import ${shellWord(basename(file))}"`,
      { file },
    );
  }
  throw new UserError(
    `this is ${what}, and no config; a config (*${CONFIG_SUFFIX}) says which network is trained on which data and what it may take: ` +
      'write one with "east init"',
    { file },
  );
}

/** The path of a file that can be opened; what the system has against it is told in our words. */
function readable(file: string): string {
  refuseOthers(file);
  withFileErrors('read the config', file, () => {
    accessSync(file, constants.R_OK);
    if (!statSync(file).isFile()) {
      throw new UserError('the config is not a file; name a *.east.json file', { file });
    }
  });
  return file;
}
