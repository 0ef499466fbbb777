/** Starts a workspace's background process, apart from this one. */
import { execFile } from 'node:child_process';
import { restingFolder } from '../../core/util/home-folder';
import { errorCode } from '../../core/util/file-errors';
import { UserError } from '../../core/util/errors';

export interface LaunchOptions {
  /** The worker's program, dist/worker.mjs. */
  readonly program: string;
  /** Node, or an Electron that can be one. */
  readonly node: string;
  readonly workspace: string;
  readonly idleSeconds?: number;
}

const LAUNCH_SECONDS = 30;

/** Resolves when it is on its way. Throws UserError where it cannot be started. */
export function launchWorker(options: LaunchOptions): Promise<void> {
  const { program, node, workspace, idleSeconds } = options;
  const args = [program, '--launch', '--workspace', workspace];
  if (idleSeconds !== undefined) args.push('--idle-seconds', String(idleSeconds));
  return new Promise((done, failed) => {
    const settings = {
      env: environment(),
      cwd: restingFolder(),
      timeout: LAUNCH_SECONDS * 1000,
      windowsHide: true,
    };
    execFile(node, args, settings, (error, _stdout, stderr) => {
      if (error === null) return done();
      const why =
        errorCode(error) === 'ENOENT'
          ? `${node} is not there; see the setting east.worker.node`
          : stderr.trim() || error.message;
      failed(new UserError(`the background process cannot be started: ${why}`, { cause: error }));
    });
  });
}

/** Without what VS Code tells its own processes, debugger ports among it. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('VSCODE_') && name !== 'NODE_OPTIONS',
  );
  return { ...Object.fromEntries(own), ELECTRON_RUN_AS_NODE: '1' };
}
