/** All runs of a workspace, `.east/runs/`: names them, finds them, and lets one process at a time work on a config. */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/config';
import { UserError } from '../util/errors';
import { discard, syncFolder, writeFileAtomic } from './atomic-file';
import { freshName, removeLeftovers } from './leftovers';
import { withFileErrors } from '../util/file-errors';
import { isThere, requireRecordPath } from '../util/read-file';
import { defined } from '../util/defined';
import { acquireLock, lockOwner, type LockOwner, type RunLock } from './lock';
import { RunFolder } from './run-folder';
import { compareRunIds, isRunId, lockOf, newRunId, recordsOf, runsOf } from './run-paths';

export class RunStore {
  readonly root: string;

  constructor(readonly workspace: string) {
    this.root = recordsOf(workspace);
  }

  /** A new run's folder with its configs in it. Throws UserError (full disk, read-only), leaving no folder behind. */
  create(config: ResolvedConfig, configText: string, now: Date = new Date()): RunFolder {
    this.prepare();
    const runs = runsOf(this.workspace);
    // Under its own name it is whole: whoever is killed before leaves what the next one removes.
    const fresh = new RunFolder(join(runs, freshName(config.name)));
    withFileErrors('create the run folder', fresh.path, () => mkdirSync(fresh.path));
    try {
      fresh.saveConfig(config, configText);
      return new RunFolder(this.giveId(fresh.path, runs, config.name, now));
    } catch (error) {
      discard(fresh.path);
      throw error;
    }
  }

  /** Makes the folder for runs, and removes what killed processes left in it. Throws UserError (read-only). */
  prepare(): void {
    const runs = runsOf(this.workspace);
    requireRecordPath(runs);
    withFileErrors('create the run folder', runs, () => mkdirSync(runs, { recursive: true }));
    // Runs are large, personal and reproducible from the config: not for the user's repository.
    const ignore = join(this.root, '.gitignore');
    if (!existsSync(ignore)) writeFileAtomic(ignore, '*\n');
    removeLeftovers(this.root, runs);
  }

  /** A run by id or by the path of its folder. Throws UserError where there is none. */
  open(idOrPath: string): RunFolder {
    const path = isRunId(idOrPath) ? join(runsOf(this.workspace), idOrPath) : resolve(idOrPath);
    if (isRunId(basename(path)) && isThere(join(path, 'config.resolved.json'))) {
      return new RunFolder(path);
    }
    const known = this.list()
      .slice(-5)
      .map((run) => run.id);
    const hint = known.length > 0 ? `the latest are ${known.join(', ')}` : 'there are none yet';
    throw new UserError(`there is no run ${idOrPath}; ${hint}`, { file: runsOf(this.workspace) });
  }

  /**
   * All runs, oldest first: those that can be read, and `damaged` those whose config or log cannot, which must not keep
   * anybody from the others.
   */
  all(): { readonly sound: readonly RunFolder[]; readonly damaged: readonly RunFolder[] } {
    const [sound, damaged]: [RunFolder[], RunFolder[]] = [[], []];
    for (const run of this.folders()) (run.problem() === undefined ? sound : damaged).push(run);
    return { sound, damaged };
  }

  /** Those that can be read, oldest first. */
  list(): readonly RunFolder[] {
    return this.all().sound;
  }

  damaged(): readonly RunFolder[] {
    return this.all().damaged;
  }

  /** Runs of one config file (absolute path), oldest first. A workspace may be moved: only paths inside it count. */
  runsOf(configFile: string, runs = this.list()): RunFolder[] {
    const wanted = relative(this.workspace, configFile);
    return runs.filter((run) => relative(this.workspace, run.configIdentity().file) === wanted);
  }

  latest(configFile: string): RunFolder | undefined {
    return this.runsOf(configFile).at(-1);
  }

  /**
   * The last good run of those given, which are one config's, oldest first: finished, and its results can be used. Where
   * none is, the last finished one, whose resultsProblem() says why not.
   */
  lastFinished(runs: readonly RunFolder[]): RunFolder | undefined {
    const finished = runs.filter((run) => run.state() === 'finished');
    return finished.findLast((run) => run.resultsProblem() === undefined) ?? finished.at(-1);
  }

  /** Takes the right to work on the config (absolute path). Throws UserError while another process has it. */
  lock(configFile: string, onWait?: (note: string) => void): Promise<RunLock> {
    const file = lockOf(this.workspace, configFile);
    return acquireLock(file, basename(configFile), defined({ onWait }));
  }

  /** The process that is working on the config now, if any. */
  holder(configFile: string): number | undefined {
    return this.owner(configFile)?.pid;
  }

  /** As holder(), with where it is. */
  owner(configFile: string): LockOwner | undefined {
    return lockOwner(lockOf(this.workspace, configFile));
  }

  private folders(): RunFolder[] {
    const runs = runsOf(this.workspace);
    requireRecordPath(runs);
    if (!existsSync(runs)) return [];
    return withFileErrors('read', runs, () => readdirSync(runs))
      .filter((id) => isRunId(id) && isThere(join(runs, id, 'config.resolved.json')))
      .sort(compareRunIds)
      .map((id) => new RunFolder(join(runs, id)));
  }

  private giveId(fresh: string, runs: string, name: string, now: Date): string {
    for (;;) {
      const there = withFileErrors('read', runs, () => readdirSync(runs));
      const path = join(runs, newRunId(name, now, there));
      try {
        withFileErrors('create the run folder', path, () => renameSync(fresh, path));
      } catch (error) {
        // Another process was quicker.
        if (existsSync(path)) continue;
        throw error;
      }
      syncFolder(runs);
      return path;
    }
  }
}
