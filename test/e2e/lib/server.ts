// VS Code as a server with the packaged extension installed, with folders and a home of its own: nothing of the
// machine's user goes in, nothing is left behind.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { environment } from './environment';
import { waitFor } from './wait';

export type Settings = Readonly<Record<string, unknown>>;

const QUIET: Settings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'window.autoDetectColorScheme': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'files.autoSave': 'off',
  'git.openRepositoryInParentFolders': 'never',
  'editor.minimap.enabled': false,
  // Browser and editor share the machine with the training, which at low priority would wait for both.
  'east.worker.priority': 'normal',
  'window.confirmBeforeClose': 'never',
  'remote.autoForwardPorts': false,
  'workbench.remoteIndicator.showExtensionRecommendations': false,
};

export interface ServerOptions {
  readonly settings?: Settings;
  /** Folders of further extensions to install beside the package. */
  readonly extensions?: readonly string[];
  /** For the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

export class Server {
  private constructor(
    private readonly home: string,
    private readonly process: ChildProcess,
    readonly port: number,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Server> {
    const home = await mkdtemp(path.join(os.tmpdir(), 'east-editor-'));
    const settings = { ...QUIET, ...options.settings };
    await writeSettings(home, settings);
    const args = [
      environment.server(),
      ...['--config', path.join(home, 'config.yaml')],
      ...['--user-data-dir', path.join(home, 'data')],
      ...['--extensions-dir', path.join(home, 'extensions')],
    ];
    const env = { ...environmentOf(home), ...options.env };
    // Before anything is installed: from then on the editor keeps a list, and what is not on it does not exist.
    for (const extension of options.extensions ?? []) {
      const target = path.join(home, 'extensions', path.basename(extension));
      await cp(extension, target, { recursive: true });
    }
    const installed = spawnSync(
      environment.node(),
      [...args, '--install-extension', environment.vsix(), '--force'],
      { env, encoding: 'utf8' },
    );
    if (installed.status !== 0 || !/was successfully installed/.test(installed.stdout)) {
      throw new Error(`The package was not installed:\n${installed.stdout}\n${installed.stderr}`);
    }
    const flags = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry'];
    flags.push('--disable-update-check', '--disable-getting-started-override', '-e');
    const { child, port } = await waitFor('the server to listen', 120, () =>
      launch([...args, ...flags], env),
    );
    return new Server(home, child, port);
  }

  /** Where the workbench with that folder open is found. */
  address(folder: string): string {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(folder)}`;
  }

  /** What the extension wrote to its output channel, of all windows. */
  async extensionLog(): Promise<string> {
    const logs = path.join(this.home, 'data/logs');
    const files = await readdir(logs, { recursive: true }).catch(() => []);
    const ours = files.filter((file) => /east[^/]*\/[^/]*\.log$|remoteexthost\.log$/i.test(file));
    const texts = ours.map(
      async (file) => `── ${file}\n${await readFile(path.join(logs, file), 'utf8')}`,
    );
    return (await Promise.all(texts)).join('\n');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    if (killGroup(this.process)) await ended;
    await rm(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Undefined where the server's two processes did not hear of each other within its own limit, which is short. */
async function launch(args: string[], env: NodeJS.ProcessEnv): Promise<Launched | undefined> {
  const child = spawn(environment.node(), args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the extension hosts end with it.
    detached: true,
  });
  // Also where the tests are broken off.
  process.once('exit', () => killGroup(child));
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (output += String(data)));
  const address = /listening on http:\/\/127\.0\.0\.1:(\d+)/;
  await waitFor('the server to listen or end', 60, async () =>
    address.test(output) || child.exitCode !== null ? true : undefined,
  );
  const port = address.exec(output)?.[1];
  if (port !== undefined) return { child, port: Number(port) };
  if (/error timed out/.test(output)) return undefined;
  throw new Error(`The server ended:\n${output}`);
}

/** Whether there was something to kill. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  process.kill(-pid, 'SIGKILL');
  return true;
}

function environmentOf(home: string): NodeJS.ProcessEnv {
  const bin = path.dirname(environment.node());
  // The runner's own settings are not the editor's.
  const others = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE|NODE_OPTIONS|VITEST|EAST_)/.test(name),
  );
  return {
    ...Object.fromEntries(others),
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'share'),
    PATH: `${bin}:${process.env.PATH}`,
  };
}

async function writeSettings(home: string, settings: Settings): Promise<void> {
  const folder = path.join(home, 'data/User');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings, null, 2));
}
