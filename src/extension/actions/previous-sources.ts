/**
 * Keeps what the generated sources were before they were last written, so that the difference can be shown with or
 * without version control. In memory: undoing is Source Control's business, or generating again.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { look, textIfThere } from '../../core/util/read-file';
import type { GeneratedSources } from '../services';

const SCHEME = 'east-previous';
/** Generated sources are far smaller; whatever else lies in the folder need not be read. */
const MOST_BYTES = 16 * 1024 * 1024;

export class PreviousSources implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  /** Call the result once the new sources are written; until then what was kept before stays. */
  read(directory: string): () => void {
    const texts = textsIn(directory);
    return () => {
      for (const [name, text] of texts) {
        const uri = previousUri(join(directory, name));
        this.#texts.set(uri.path, text);
        this.#changed.fire(uri);
      }
    };
  }

  /** Opens the files that changed, before and after, in one editor. */
  async show({ directory, files, runId }: GeneratedSources): Promise<void> {
    const resources = files
      .filter(({ change }) => change !== 'unchanged')
      .map(({ name, change }) => {
        const now = vscode.Uri.file(join(directory, name));
        const before = previousUri(now.fsPath);
        return [
          now,
          change === 'added' ? undefined : before,
          change === 'removed' ? undefined : now,
        ] as const;
      });
    await vscode.commands.executeCommand('vscode.changes', `Sources of ${runId}`, resources);
  }
}

function previousUri(file: string): vscode.Uri {
  return vscode.Uri.file(file).with({ scheme: SCHEME });
}

function textsIn(directory: string): Map<string, string> {
  const texts = new Map<string, string>();
  let left = MOST_BYTES;
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const file = join(directory, entry.name);
      const size = entry.isFile() ? sizeOf(file) : undefined;
      if (size === undefined || size > left) continue;
      left -= size;
      texts.set(entry.name, textIfThere(file, 'source') ?? '');
    }
  } catch {
    // Not there, or not readable: nothing can be compared, and generating says what is wrong.
  }
  return texts;
}

/** undefined for what is too large to be a generated file. */
function sizeOf(file: string): number | undefined {
  try {
    return look(file, 'source')?.size;
  } catch {
    return undefined;
  }
}
