/** The ConfigIndex: finds the `*.east.json` of the open workspace folders and notices when they come and go. */
import * as vscode from 'vscode';
import { findWorkspace, isInside } from '../core/config/workspace';
import { pathKey } from './path-key';
import type { ConfigIndex } from './services';

const PATTERN = '**/*.east.json';
const EXCLUDED = '**/{node_modules,.east,.git}/**';
const EXCLUDED_PART = /[\\/](node_modules|\.east|\.git)[\\/]/;

export class WorkspaceConfigIndex implements ConfigIndex, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable[] = [this.#changed];
  /** By key, to the path as VS Code writes it. */
  #files = new Map<string, string>();

  constructor(private readonly output: vscode.LogOutputChannel) {
    const watcher = vscode.workspace.createFileSystemWatcher(PATTERN, false, true, false);
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate(({ fsPath }) => this.#add(fsPath)),
      watcher.onDidDelete(({ fsPath }) => this.#remove(fsPath)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.#search()),
      // Of a folder that goes or moves, the watcher tells nothing about the files in it.
      vscode.workspace.onDidDeleteFiles(({ files }) => this.#gone(files)),
      vscode.workspace.onDidRenameFiles(({ files }) =>
        this.#gone(files.map(({ oldUri }) => oldUri)),
      ),
    );
    void this.#search();
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
  }

  all(): string[] {
    return [...this.#files.values()].sort();
  }

  workspaceOf(configFile: string): string {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(configFile))?.uri.fsPath;
    const found = findWorkspace(configFile);
    return folder === undefined || isInside(found, folder) ? found : folder;
  }

  async #search(): Promise<void> {
    try {
      const found = await vscode.workspace.findFiles(PATTERN, EXCLUDED);
      const files = found.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
      this.#files = new Map(files.map((file) => [pathKey(file), file]));
      this.#changed.fire();
    } catch (error) {
      this.output.warn(`looking for configs: ${String(error)}`);
    }
  }

  #add(file: string): void {
    if (EXCLUDED_PART.test(file) || this.#files.has(pathKey(file))) return;
    this.#files.set(pathKey(file), file);
    this.#changed.fire();
  }

  #gone(places: readonly vscode.Uri[]): void {
    const isGone = (file: string): boolean => places.some(({ fsPath }) => isInside(file, fsPath));
    if (this.all().some(isGone)) void this.#search();
  }

  #remove(file: string): void {
    if (this.#files.delete(pathKey(file))) this.#changed.fire();
  }
}
