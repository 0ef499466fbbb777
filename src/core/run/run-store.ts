/** All runs of a workspace, `.east/runs/`: names them, finds them, and lets one process at a time work on a config. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/config';
import { UserError } from '../util/errors';
import { writeFileAtomic } from './atomic-file';
import { errorCode, withFileErrors } from '../util/file-errors';
import { requireRecordPath } from '../util/read-file';
import { acquireLock, lockHolder, type RunLock } from './lock';
import { RunFolder } from './run-folder';

/** `<name>-<UTC date>-<UTC time>-<sequence>`: the ids of one config sort by age. */
const RUN_ID = /^([A-Za-z_][A-Za-z0-9_]*)-(\d{8}-\d{6}-\d{2,})$/;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** Sorts the ids of runs by age, oldest first. */
export function compareRunIds(a: string, b: string): number {
  const age = (id: string): string => RUN_ID.exec(id)?.[2] ?? '';
  return age(a).localeCompare(age(b)) || a.localeCompare(b);
}

export class RunStore {
  readonly root: string;

  constructor(readonly workspace: string) {
    this.root = join(workspace, '.east');
  }

  /** A new run's folder with its configs in it. Throws UserError (full disk, read-only), leaving no folder behind. */
  create(config: ResolvedConfig, configText: string, now: Date = new Date()): RunFolder {
    this.prepare();
    const runs = join(this.root, 'runs');
    const folder = new RunFolder(this.makeFolder(runs, config.name, now));
    try {
      folder.saveConfig(config, configText);
    } catch (error) {
      rmSync(folder.path, { recursive: true, force: true });
      throw error;
    }
    return folder;
  }

  /** Makes the folder for runs. Throws UserError (read-only). */
  prepare(): void {
    const runs = join(this.root, 'runs');
    requireRecordPath(runs);
    withFileErrors('create the run folder', runs, () => mkdirSync(runs, { recursive: true }));
    // Runs are large, personal and reproducible from the config: not for the user's repository.
    const ignore = join(this.root, '.gitignore');
    if (!existsSync(ignore)) writeFileAtomic(ignore, '*\n');
  }

  /** A run by id or by the path of its folder. Throws UserError where there is none. */
  open(idOrPath: string): RunFolder {
    const path = RUN_ID.test(idOrPath) ? join(this.root, 'runs', idOrPath) : resolve(idOrPath);
    if (RUN_ID.test(basename(path)) && existsSync(join(path, 'config.resolved.json'))) {
      return new RunFolder(path);
    }
    const known = this.list()
      .slice(-5)
      .map((run) => run.id);
    const hint = known.length > 0 ? `the latest are ${known.join(', ')}` : 'there are none yet';
    throw new UserError(`there is no run ${idOrPath}; ${hint}`, { file: join(this.root, 'runs') });
  }

  /** All runs that can be read, oldest first. */
  list(): RunFolder[] {
    return this.folders().filter((run) => run.problem() === undefined);
  }

  /** Runs whose config or log cannot be read, oldest first: they must not keep anybody from the others. */
  damaged(): RunFolder[] {
    return this.folders().filter((run) => run.problem() !== undefined);
  }

  /** Runs of one config file (absolute path), oldest first. A workspace may be moved: only paths inside it count. */
  runsOf(configFile: string): RunFolder[] {
    const wanted = relative(this.workspace, configFile);
    return this.list().filter((run) => {
      const config = run.loadConfig();
      return relative(config.workspace, config.file) === wanted;
    });
  }

  latest(configFile: string): RunFolder | undefined {
    return this.runsOf(configFile).at(-1);
  }

  /** Takes the right to work on the config (absolute path). Throws UserError while another process has it. */
  lock(configFile: string): RunLock {
    return acquireLock(this.lockFile(configFile), basename(configFile));
  }

  /** The process that is working on the config now, if any. */
  holder(configFile: string): number | undefined {
    return lockHolder(this.lockFile(configFile));
  }

  private folders(): RunFolder[] {
    const runs = join(this.root, 'runs');
    requireRecordPath(runs);
    if (!existsSync(runs)) return [];
    return withFileErrors('read', runs, () => readdirSync(runs))
      .filter((id) => RUN_ID.test(id) && existsSync(join(runs, id, 'config.resolved.json')))
      .sort(compareRunIds)
      .map((id) => new RunFolder(join(runs, id)));
  }

  private lockFile(configFile: string): string {
    if (!isAbsolute(configFile)) throw new Error(`not an absolute path: ${configFile}`);
    const path = relative(this.workspace, configFile).replaceAll('\\', '/');
    const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
    return join(this.root, 'locks', `${hash}.lock`);
  }

  private makeFolder(runs: string, name: string, now: Date): string {
    const iso = now.toISOString();
    const stamp = `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}`;
    for (let sequence = 0; ; sequence++) {
      const path = join(runs, `${name}-${stamp}-${String(sequence).padStart(2, '0')}`);
      try {
        withFileErrors('create the run folder', path, () => mkdirSync(path));
        return path;
      } catch (error) {
        const cause = error instanceof UserError ? error.cause : error;
        if (errorCode(cause) !== 'EEXIST') throw error;
      }
    }
  }
}
