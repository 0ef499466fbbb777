/** Writing and verifying the firmware sources of a run, and what that changed. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generatedText, MANIFEST, readManifest } from '../core/firmware/manifest';
import type { RunTarget, VerifyOutcome } from '../core/run/actions';
import { isRunId } from '../core/run/run-paths';
import type { RunStore } from '../core/run/run-store';
import { sourcesActions } from '../core/run/sources-actions';
import { UserError } from '../core/util/errors';
import type { Result } from '../protocol/worker';
import { lineChanges } from './line-changes';

type Generated = Result<'sources/generate'>;

/** Of generated files whose names do not begin with the model's. */
const COMMON_NAMES: readonly string[] = ['README.md', MANIFEST];

/** Throws UserError where there is no usable run, or where files would be lost that were edited, unless `force`. */
export async function generateSources(
  store: RunStore,
  configFile: string,
  { runId, force }: { readonly runId: string | undefined; readonly force: boolean },
): Promise<Generated> {
  const target = findTarget(store, configFile, runId);
  const { name: model, firmware } = target.config;
  const { directory } = firmware;
  const old = generatedNames(directory);
  // The user may keep other files there, of any size.
  const ours = namesIn(directory).filter(
    (name) => old.includes(name) || name.startsWith(model) || COMMON_NAMES.includes(name),
  );
  const before = new Map(ours.map((name) => [name, textOf(join(directory, name))] as const));
  const { files } = await sourcesActions.generate(target, { force });
  const gone = old.filter((name) => before.get(name) !== undefined && !files.includes(name));
  const changes = [
    ...files.map((name) => changeOf(name, before.get(name), textOf(join(directory, name)))),
    ...gone.map((name) => changeOf(name, before.get(name), undefined)),
  ];
  return {
    runId: target.folder.id,
    directory,
    files: changes.sort((a, b) => a.name.localeCompare(b.name)),
  };
}

/** Throws UserError where there is no usable run or no sources of it, and the signal's reason when aborted. */
export async function verifySources(
  store: RunStore,
  configFile: string,
  runId: string | undefined,
  options: { readonly onMessage: (message: string) => void; readonly signal: AbortSignal },
): Promise<VerifyOutcome> {
  return sourcesActions.verify(findTarget(store, configFile, runId), options);
}

/** The run that is named, or the config's latest with results. */
function findTarget(store: RunStore, configFile: string, runId: string | undefined): RunTarget {
  if (runId !== undefined) {
    if (!isRunId(runId)) throw new UserError(`"${runId}" is not the name of a run`);
    const folder = store.open(runId);
    if (folder.state() !== 'finished') {
      throw new UserError(`run ${runId} is not finished, so there is nothing to use yet`, {
        file: folder.path,
      });
    }
    const problem = folder.resultsProblem();
    if (problem !== undefined) {
      throw new UserError(`${problem.message}; resume run ${runId} to write its results anew`, {
        file: problem.file ?? folder.path,
        cause: problem,
      });
    }
    return { config: folder.loadConfig(), folder };
  }
  const folder = store.lastFinished(store.runsOf(configFile));
  if (folder !== undefined) return findTarget(store, configFile, folder.id);
  throw new UserError('no run of this config is finished yet; train it first', {
    file: configFile,
  });
}

/** What EAST wrote there, as far as that can be told: files of others are none of this. */
function generatedNames(directory: string): string[] {
  try {
    return Object.keys(readManifest(directory)?.files ?? {});
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** undefined for what is no file. */
function textOf(file: string): string | undefined {
  try {
    return generatedText(file);
  } catch {
    return undefined;
  }
}

function changeOf(
  name: string,
  before: string | undefined,
  after: string | undefined,
): Generated['files'][number] {
  const change =
    after === undefined
      ? 'removed'
      : before === undefined
        ? 'added'
        : before === after
          ? 'unchanged'
          : 'changed';
  const { added, removed } = lineChanges(before ?? '', after ?? '');
  return { name, change, linesAdded: added, linesRemoved: removed };
}
