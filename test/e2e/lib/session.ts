// What a test file opens and closes: a workspace, a server with the package installed, a browser and a window.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, onTestFailed, beforeEach } from 'vitest';
import { outputFolder } from './environment';
import { Server, type ServerOptions } from './server';
import { openBrowser, Workbench } from './workbench';
import { createWorkspace, type Workspace, type WorkspaceOptions } from './workspace';

export interface SessionOptions {
  readonly workspace?: WorkspaceOptions;
  readonly server?: ServerOptions;
  /** Before the window is opened. */
  readonly prepare?: (workspace: Workspace) => Promise<void>;
}

export class Session {
  constructor(
    readonly workspace: Workspace,
    readonly server: Server,
    readonly browser: Browser,
    readonly workbench: Workbench,
  ) {}

  /** A second window, on the same folder unless told otherwise. */
  window(folder = this.workspace.folder): Promise<Workbench> {
    return Workbench.open(this.browser, this.server, folder);
  }
}

/** Call at the top of a test file; the session is there in each test. Failures leave a screenshot and the logs. */
export function useSession(options: SessionOptions = {}): () => Session {
  let session: Session | undefined;
  const close: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const workspace = await createWorkspace(options.workspace);
    close.push(() => workspace.dispose());
    await options.prepare?.(workspace);
    const server = await Server.start(options.server);
    close.push(() => server.stop());
    const browser = await openBrowser();
    close.push(() => browser.close());
    const workbench = await Workbench.open(browser, server, workspace.folder);
    session = new Session(workspace, server, browser, workbench);
  });

  beforeEach(({ task }) => {
    onTestFailed(async () => {
      if (session === undefined) return;
      const name = task.name.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
      await session.workbench.screenshots.failure(name);
      await keepLogs(name, session);
    });
  });

  afterAll(async () => {
    for (const step of close.reverse()) await step();
  });

  return () => {
    if (session === undefined) throw new Error('The session did not start.');
    return session;
  };
}

async function keepLogs(name: string, { server, workspace }: Session): Promise<void> {
  const folder = path.join(outputFolder, 'failures');
  await mkdir(folder, { recursive: true });
  const parts = [await server.extensionLog(), await workspace.workerLog()];
  await writeFile(path.join(folder, `${name}.log`), parts.join('\n'));
}
