// A fresh copy of the meter example as the workspace of a test, small enough that a run takes well under a minute.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from './environment';
import { waitFor } from './wait';

export interface WorkspaceOptions {
  /** Images; fewer are faster and enough to see that it learns. */
  readonly train?: number;
  readonly test?: number;
  readonly epochs?: number;
  readonly pruneEpochs?: number;
}

export interface RunOnDisk {
  readonly id: string;
  readonly path: string;
  /** Of all events, in the order of the log. */
  readonly events: readonly { readonly type: string; readonly [key: string]: unknown }[];
}

export class Workspace {
  constructor(readonly folder: string) {}

  get config(): string {
    return path.join(this.folder, 'meter.east.json');
  }

  file(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  async edit(change: (text: string) => string, file = this.config): Promise<void> {
    const before = await readFile(file, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`The edit changed nothing in ${file}`);
    await writeFile(file, after);
  }

  /** Oldest first. */
  async runs(): Promise<RunOnDisk[]> {
    const folder = this.file('.east/runs');
    // A run's folder is made under a name of its own, and is a run from its renaming on.
    const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'));
    return Promise.all(
      names.sort().map(async (id) => {
        const where = path.join(folder, id);
        const log = await readFile(path.join(where, 'events.jsonl'), 'utf8').catch(() => '');
        // A line that is being written has no end yet.
        const lines = log.split('\n').slice(0, -1);
        return { id, path: where, events: lines.map((line) => JSON.parse(line)) };
      }),
    );
  }

  /** Waits until the newest run, one of at least `count`, has logged an event of that type. */
  async untilRun(event: string, count = 1, seconds = 200): Promise<RunOnDisk> {
    return waitFor(`run ${count} to log "${event}"`, seconds, async () => {
      const runs = await this.runs();
      const last = runs.at(-1);
      if (last === undefined || runs.length < count) return undefined;
      const failed = last.events.find(({ type }) => type === 'failed');
      if (failed !== undefined && event !== 'failed') {
        throw new Error(`The run failed: ${JSON.stringify(failed)}`);
      }
      return last.events.some(({ type }) => type === event) ? last : undefined;
    });
  }

  /** Process id of the background process that serves this workspace. */
  async workerPid(): Promise<number | undefined> {
    const text = await readFile(this.file('.east/worker.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const pid: unknown = JSON.parse(text).pid;
    return typeof pid === 'number' && alive(pid) ? pid : undefined;
  }

  async killWorker(): Promise<void> {
    const pid = await this.workerPid();
    if (pid === undefined) throw new Error('There is no background process to kill.');
    process.kill(pid, 'SIGKILL');
    await waitFor(`process ${pid} to end`, 10, async () => (alive(pid) ? undefined : true));
  }

  /** What the background process wrote on its way. */
  async workerLog(): Promise<string> {
    const text = await readFile(this.file('.east/worker.log'), 'utf8').catch(() => 'no worker log');
    return `── .east/worker.log\n${text}`;
  }

  async dispose(): Promise<void> {
    const pid = await this.workerPid().catch(() => undefined);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function createWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const { train = 2400, test = 400, epochs = 3, pruneEpochs = 4 } = options;
  // A plain folder name: it is what the window's title and the explorer show in the screenshots.
  const parent = await mkdtemp(path.join(os.tmpdir(), 'east-e2e-'));
  const workspace = new Workspace(path.join(parent, 'meter'));
  const example = path.join(root, 'examples/meter');
  // Only what belongs to the example: a clone that is worked in holds runs, other configs and what not.
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: example, encoding: 'utf8' });
  for (const name of tracked.split('\0').filter((part) => part !== '')) {
    await mkdir(path.dirname(workspace.file(name)), { recursive: true });
    await cp(path.join(example, name), workspace.file(name));
  }
  // Where it lies: it shares code with other examples.
  const draw = [path.join(example, 'draw.mjs'), '--out', workspace.file('data')];
  const counts = ['--train', String(train), '--test', String(test)];
  execFileSync(process.execPath, [...draw, ...counts], { stdio: 'ignore' });
  const text = await readFile(workspace.config, 'utf8');
  const shortened = text
    .replace(/"epochs": \d+/, `"epochs": ${epochs}`)
    .replace(/"pruneEpochs": \d+/, `"pruneEpochs": ${pruneEpochs}`);
  await writeFile(workspace.config, shortened);
  await writeFile(workspace.file('.gitignore'), 'data/\nfirmware/build/\n');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace.folder });
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-q', '-m', 'Meter');
  return workspace;
}
