/** Does in the extension host what a person who looks around does, in a hostile workspace, and measures what that costs. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { waitFor } from '../e2e/lib/wait';

const EXTENSION = 'east.east-sparse';
const SETTLE_MS = 10_000;

export interface HostileResult {
  /** The most that the whole host, with the editor's own extensions, ever had in memory; bytes, as the kernel counts it. */
  readonly peakBytes: number;
  /** The same before the extension was activated. */
  readonly beforeBytes: number;
  /** Milliseconds of each call. */
  readonly calls: readonly {
    readonly what: string;
    readonly milliseconds: number;
    readonly error?: string;
  }[];
  readonly diagnostics: readonly string[];
  /** The suite itself could not run. */
  readonly error?: string;
}

export async function runSuite(): Promise<HostileResult> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const extension = vscode.extensions.getExtension(EXTENSION);
  if (folder === undefined || extension === undefined) throw new Error('nothing to look at');
  const beforeBytes = peak();
  const calls: HostileResult['calls'][number][] = [];
  const call = async (what: string, action: () => Thenable<unknown>): Promise<void> => {
    const start = performance.now();
    const error = await Promise.resolve(action()).then(
      () => undefined,
      (reason: unknown) => String(reason),
    );
    const milliseconds = Math.round(performance.now() - start);
    calls.push({ what, milliseconds, ...(error === undefined ? {} : { error }) });
  };
  await call('activate', () => extension.activate());
  const config = join(folder, 'meter.east.json');
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.east.json'))) {
    await call(`open ${name.slice(0, 40)}`, async () => {
      const uri = vscode.Uri.file(join(folder, name));
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    });
  }
  await call('show the tree', () => vscode.commands.executeCommand('east.runs.focus'));
  const runs = readdirSync(join(folder, '.east/runs'));
  for (const runId of runs) {
    await call(`dashboard of ${runId}`, () =>
      vscode.commands.executeCommand('east.openDashboard', { configFile: config, runId }),
    );
  }
  const uri = vscode.Uri.file(config);
  await call('lenses', async () => {
    await waitFor('the lenses', 60, async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        uri,
      );
      return lenses.length > 0 ? true : undefined;
    });
  });
  // What goes on by itself (following the runs, reading for the dashboards) shall have its turn before the most is told.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return {
    beforeBytes,
    peakBytes: peak(),
    calls,
    diagnostics: vscode.languages
      .getDiagnostics()
      .flatMap(([file, all]) => all.map(({ message }) => `${file.fsPath}: ${message}`)),
  };
}

function peak(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return 1024 * Number(kilobytes);
}
