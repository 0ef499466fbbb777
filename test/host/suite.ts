/**
 * The extension seen through VS Code's own API, in the editor that runs this: activation, commands, diagnostics, quick
 * fixes, lenses, and a whole run from training to sources.
 */
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { waitFor } from '../e2e/lib/wait';

const EXTENSION = 'east.east-sparse';

function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no workspace is open');
  return folder.uri.fsPath;
}

const inWorkspace = (...parts: string[]) => path.join(workspaceFolder(), ...parts);

/** Replaces the only place of `find` in the unsaved text. */
async function replace(document: vscode.TextDocument, find: RegExp, text: string): Promise<void> {
  const match = find.exec(document.getText());
  assert.ok(match, `${find} is not in the document`);
  const edit = new vscode.WorkspaceEdit();
  const start = document.positionAt(match.index);
  const end = document.positionAt(match.index + match[0].length);
  edit.replace(document.uri, new vscode.Range(start, end), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

function errorsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
}

/** Undefined where VS Code takes its question back, as it does when something else of the document has just changed. */
async function quickFixes(
  uri: vscode.Uri,
  range: vscode.Range,
): Promise<vscode.CodeAction[] | undefined> {
  try {
    return await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      range,
      vscode.CodeActionKind.QuickFix.value,
    );
  } catch (error) {
    if (error instanceof Error && error.name === 'Canceled') return undefined;
    throw error;
  }
}

async function finishedRun(count: number): Promise<string> {
  return waitFor(`run ${count} to finish`, 150, async () => {
    const names = await readdir(inWorkspace('.east/runs')).catch(() => []);
    // A run's folder is made under a name of its own, and is a run from its renaming on.
    const runs = names.filter((name) => !name.startsWith('.')).sort();
    const id = runs.at(-1);
    if (id === undefined || runs.length < count) return undefined;
    const log = await readFile(inWorkspace('.east/runs', id, 'events.jsonl'), 'utf8');
    if (/"type":"failed"/.test(log)) throw new Error(`The run failed: ${log.slice(-500)}`);
    return /"type":"finished"/.test(log) ? id : undefined;
  });
}

describe('EAST in the extension host', () => {
  let config: vscode.TextDocument;
  let original = '';

  before(async () => {
    config = await vscode.workspace.openTextDocument(inWorkspace('meter.east.json'));
    original = config.getText();
    await vscode.window.showTextDocument(config);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('activates because the workspace holds a config', async () => {
    const extension = vscode.extensions.getExtension(EXTENSION);
    assert.ok(extension, `${EXTENSION} is not installed`);
    await waitFor('activation', 30, async () => (extension.isActive ? true : undefined));
  });

  it('offers each command that package.json declares', async () => {
    const manifest: unknown = vscode.extensions.getExtension(EXTENSION)?.packageJSON;
    const declared = [...JSON.stringify(manifest).matchAll(/"command":"(east\.[a-zA-Z.]+)"/g)].map(
      ([, id]) => id,
    );
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.ok(declared.length >= 9);
    assert.deepEqual(
      declared.filter((id) => id === undefined || !registered.has(id)),
      [],
    );
  });

  it('opens a config as JSON with comments', () => {
    assert.equal(config.languageId, 'jsonc');
  });

  it('puts lenses over the config', async () => {
    const commands = await waitFor('lenses', 20, async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        config.uri,
        20,
      );
      const ids = lenses.map((lens) => lens.command?.command);
      return ids.includes('east.run') ? ids : undefined;
    });
    assert.ok(commands.includes('east.openDashboard'), String(commands));
  });

  it('has nothing to say against the example', () => {
    assert.deepEqual(
      errorsOf(config.uri).map(({ message }) => message),
      [],
    );
  });

  it('marks a budget that is too small, and a quick fix mends it', async () => {
    await replace(config, /"flash": "[^"]*"/, '"flash": "4KiB"');
    const problem = await waitFor('the budget error', 10, async () =>
      errorsOf(config.uri).find((error) => /flash/i.test(error.message)),
    );
    const marked = config.getText(problem.range);
    assert.match(marked, /4KiB|flash/);
    assert.equal(problem.relatedInformation?.length, 3, problem.message);
    const fixes = await waitFor('the quick fixes', 10, () => quickFixes(config.uri, problem.range));
    const fix = fixes.find(({ title }) => /flash|budget/i.test(title) && /KiB/.test(title));
    assert.ok(
      fix?.edit,
      `no fix of the budget among: ${fixes.map(({ title }) => title).join(' | ')}`,
    );
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await waitFor('the error to go', 10, async () =>
      errorsOf(config.uri).length === 0 ? true : undefined,
    );
  });

  it('says where JSON is broken, and recovers', async () => {
    await replace(config, /"name": "meter",/, '"name": "meter"');
    await waitFor('a syntax error', 10, async () =>
      errorsOf(config.uri).length > 0 ? true : undefined,
    );
    await replace(config, /"name": "meter"/, '"name": "meter",');
    await waitFor('no error', 10, async () =>
      errorsOf(config.uri).length === 0 ? true : undefined,
    );
  });

  it('marks a data set that is missing', async () => {
    await replace(config, /data\/train-images\.idx\.gz/, 'data/nowhere.idx.gz');
    const problem = await waitFor('the problem', 10, async () =>
      vscode.languages.getDiagnostics(config.uri).find((d) => d.message.includes('nowhere')),
    );
    assert.match(config.getText(problem.range), /nowhere/);
    await replace(config, /data\/nowhere\.idx\.gz/, 'data/train-images.idx.gz');
    await waitFor('it to go', 10, async () =>
      vscode.languages.getDiagnostics(config.uri).some((d) => d.message.includes('nowhere'))
        ? undefined
        : true,
    );
  });

  it('trains in the background from the command', async () => {
    await replace(config, /"epochs": \d+/, '"epochs": 2');
    await replace(config, /"pruneEpochs": \d+/, '"pruneEpochs": 2');
    await replace(config, /"flash": "[^"]*"/, /"flash": "[^"]*"/.exec(original)?.[0] ?? '');
    assert.ok(await config.save());
    await vscode.commands.executeCommand('east.run', { configFile: config.uri.fsPath });
    const id = await finishedRun(1);
    assert.ok((await stat(inWorkspace('.east/runs', id, 'report.json'))).size > 0);
  });

  it('shows the result in the lenses', async () => {
    await waitFor('a lens with the accuracy', 20, async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        config.uri,
        20,
      );
      return lenses.some((lens) => /\d\s?%/.test(lens.command?.title ?? '')) ? true : undefined;
    });
  });

  it('writes the firmware sources', async () => {
    await vscode.commands.executeCommand('east.generate', { configFile: config.uri.fsPath });
    const names = await waitFor('the sources', 60, async () => {
      const files = await readdir(inWorkspace('firmware/east')).catch((): string[] => []);
      return files.includes('manifest.json') ? files : undefined;
    });
    assert.ok(
      names.some((name) => name.endsWith('.c')) && names.some((name) => name.endsWith('.h')),
    );
  });

  it('notices sources edited by hand', async () => {
    const names = await readdir(inWorkspace('firmware/east'));
    const header = names.find((name) => name.endsWith('.h'));
    assert.ok(header);
    const file = vscode.Uri.file(inWorkspace('firmware/east', header));
    const before = await vscode.workspace.fs.readFile(file);
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('/* changed */\n'));
    await waitFor('a problem on firmware', 20, async () =>
      vscode.languages.getDiagnostics(config.uri).find((d) => /hand|edited/i.test(d.message)),
    );
    await vscode.workspace.fs.writeFile(file, before);
    await waitFor('it to go', 20, async () =>
      vscode.languages.getDiagnostics(config.uri).some((d) => /hand|edited/i.test(d.message))
        ? undefined
        : true,
    );
  });
});
