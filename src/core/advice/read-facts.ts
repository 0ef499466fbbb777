/** Gathers from the disk what advice about a config wants to know. Slow compared with typing: never wait for it there. */
import { stat } from 'node:fs/promises';
import { isInFolders, type ResolvedConfig } from '../config/config';
import { isPattern } from '../config/glob';
import { linkProblem } from '../config/paths';
import { findFiles } from '../dataset/files';
import { checkSources } from '../firmware/check-sources';
import { readLinker, type LinkerOptions } from '../firmware/linker/read-linker';
import { readManifest } from '../firmware/manifest';
import { UserError } from '../util/errors';
import type { Facts, SourcesFacts } from './facts';
import { defined } from '../util/defined';

export type DiskFacts = Required<Pick<Facts, 'sources' | 'missing' | 'outside' | 'linker'>>;

/**
 * Never throws for what is on the disk: that is what the facts are about. The network of a model file is none of them: it may
 * take long to read.
 * @param trusted whether programs may be run on what lies in the workspace
 */
export async function readFacts(
  config: ResolvedConfig,
  options: LinkerOptions,
): Promise<DiskFacts> {
  const sources = readSources(config.firmware.directory);
  const [missing, linker] = await Promise.all([findMissing(config), readLinker(config, options)]);
  return { sources, missing, outside: findOutside(config), linker };
}

function readSources(directory: string): SourcesFacts {
  try {
    const inputs = readManifest(directory)?.inputs;
    // Against their own record: only what happened to the files shows.
    const { state, details } = checkSources(directory, inputs ?? {});
    return {
      directory,
      state: state === 'missing' || state === 'edited' ? state : 'present',
      files: details,
      ...defined({ config: inputs?.['config'] }),
    };
  } catch {
    // A damaged manifest, or a folder that cannot be read; generating tells which.
    return { directory, state: 'edited', files: ['manifest.json'] };
  }
}

/** Data and weights that a config names and that are not there: why, by absolute path. */
export async function findMissing({
  dataset,
  training,
  workspace,
}: Pick<ResolvedConfig, 'dataset' | 'training' | 'workspace'>): Promise<Map<string, string>> {
  const { train, test, trainLabels, testLabels } = dataset ?? {};
  const missing = new Map<string, string>();
  const check = async (path: string | undefined, folder: boolean): Promise<void> => {
    const problem = path === undefined ? undefined : await pathProblem(path, workspace, folder);
    if (path !== undefined && problem !== undefined) missing.set(path, problem);
  };
  const inFolders = isInFolders(dataset?.format);
  await Promise.all([
    ...[train, test].map((path) => check(path, inFolders)),
    ...[trainLabels, testLabels].map((path) => check(path, false)),
    check(dataset?.background?.folder, true),
  ]);
  if (training.initialWeights !== undefined && !(await isFile(training.initialWeights))) {
    missing.set(training.initialWeights, 'no such file');
  }
  return missing;
}

async function pathProblem(
  path: string,
  workspace: string,
  folder: boolean,
): Promise<string | undefined> {
  if (folder) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return 'no such folder';
    return found.isDirectory() ? undefined : 'this is a file, where a folder is needed';
  }
  try {
    await findFiles(path, '', workspace);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) return 'it cannot be read';
    return error.message.replace(/^: /, '').trim();
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

function findOutside(config: ResolvedConfig): Map<string, string> {
  const { model, dataset, training, firmware, workspace } = config;
  const plain = [
    ...[model.file, dataset?.train, dataset?.test, dataset?.trainLabels, dataset?.testLabels],
    dataset?.background?.folder,
    ...[training.initialWeights, firmware.directory, firmware.linkerScript, firmware.mapFile],
  ].filter((path) => path !== undefined && !isPattern(path));
  const outside = new Map<string, string>();
  for (const path of plain) {
    const problem = path === undefined ? undefined : linkProblem(path, workspace);
    if (path !== undefined && problem !== undefined) outside.set(path, problem);
  }
  return outside;
}
