/** The part of the extension's bench that runs inside the extension host; the test driver starts it (test/host/driver). */
import { writeFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { bigConfig } from './big-config';

const EXTENSION = 'east.east-sparse';
const CODE = 'budget-flash-exceeded';
const KEYSTROKES = 30;
const SETTLE_MS = 8000;

export interface HostFigures {
  /** Its own time, milliseconds: loading the bundle, with what that loads, and activate(). */
  readonly activation?: { readonly load: number; readonly call: number };
  /** From asking the editor to activate it until that is done: with the messages between its processes. */
  readonly untilActive?: number;
  readonly lines?: number;
  /** From the edit, made as a key in the editor makes it, until the changed diagnostics are there; milliseconds each. */
  readonly keystrokes?: readonly number[];
  /** The part of each from when extensions are told of the edit. */
  readonly answers?: readonly number[];
  /** Of the whole extension host, bytes. */
  readonly memory?: {
    readonly before: number;
    readonly peakResident: number;
    readonly peakHeap: number;
  };
}

/** The driver writes what this returns. EAST_BENCH says which part: an activation happens once in a host. */
export function runSuite(): Promise<HostFigures> {
  return process.env['EAST_BENCH'] === 'run' ? duringRun() : activationAndTyping();
}

async function activationAndTyping(): Promise<HostFigures> {
  const extension = vscode.extensions.getExtension(EXTENSION);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (extension === undefined || folder === undefined) throw new Error('nothing to measure');
  // The folder is empty so far: a config in it would have activated the extension already.
  if (extension.isActive) throw new Error('the extension is active already');
  // The editor has just started; its own extensions shall have had their turn.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const watched = watchLoading(extension.packageJSON.main);
  const start = performance.now();
  await extension.activate();
  const untilActive = performance.now() - start;
  const activation = watched();

  const file = join(folder, 'big.east.json');
  const text = bigConfig();
  writeFileSync(file, text);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  const keystrokes: number[] = [];
  const answers: number[] = [];
  let told = NaN;
  const listener = vscode.workspace.onDidChangeTextDocument(() => (told = performance.now()));
  for (let i = 0; i < KEYSTROKES; i++) {
    const wanted = i % 2 === 0;
    const at = document.positionAt(document.getText().indexOf('KiB"') - (wanted ? 0 : 1));
    const edit = new vscode.WorkspaceEdit();
    // 9KiB cannot be met, 99KiB... has one digit more: typed and deleted in turn.
    if (wanted) edit.delete(document.uri, new vscode.Range(at.translate(0, -3), at));
    else edit.insert(document.uri, at.translate(0, 1), '999');
    const changed = whenExceeded(document.uri, wanted);
    const pressed = performance.now();
    await vscode.workspace.applyEdit(edit);
    await changed;
    // The first ones load what is loaded once.
    if (i >= 4) {
      keystrokes.push(performance.now() - pressed);
      answers.push(performance.now() - told);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  listener.dispose();
  return {
    activation,
    untilActive,
    lines: document.lineCount,
    keystrokes,
    answers,
  };
}

type Load = (request: string, ...rest: unknown[]) => unknown;

/**
 * Times the loading of an extension's entry and its activate(), as "Show Running Extensions" does, to which no API
 * leads: the host requires the entry as any module.
 *
 * @param main `main` of its package.json
 * @returns what was measured, milliseconds
 */
function watchLoading(main: string): () => { load: number; call: number } {
  const loader: unknown = Module;
  if (!isLoader(loader)) throw new Error('this Node.js loads modules in another way');
  const original = loader._load;
  const found = { load: NaN, call: NaN };
  loader._load = function (request, ...rest) {
    const start = performance.now();
    const loaded = original.call(this, request, ...rest);
    if (!request.endsWith(main.replace(/^\.\//, ''))) return loaded;
    found.load = performance.now() - start;
    if (!isExtension(loaded)) throw new Error('the entry exports no activate()');
    return {
      ...loaded,
      activate(context: unknown) {
        const called = performance.now();
        loaded.activate(context);
        found.call = performance.now() - called;
      },
    };
  };
  return () => {
    loader._load = original;
    return found;
  };
}

function isLoader(value: unknown): value is { _load: Load } {
  return typeof value === 'function' && '_load' in value && typeof value._load === 'function';
}

function isExtension(value: unknown): value is { activate: (context: unknown) => void } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'activate' in value &&
    typeof value.activate === 'function'
  );
}

/**
 * Resolves once the diagnostic is there, or gone. Looks every millisecond: `onDidChangeDiagnostics` tells of changes only
 * 50 ms after them.
 */
async function whenExceeded(uri: vscode.Uri, wanted: boolean): Promise<void> {
  const start = performance.now();
  const holds = (): boolean =>
    wanted === vscode.languages.getDiagnostics(uri).some(({ code }) => codeOf(code) === CODE);
  while (!holds()) {
    if (performance.now() - start > 60_000) throw new Error('no change came');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function codeOf(code: vscode.Diagnostic['code']): string {
  return String(typeof code === 'object' ? code.value : code);
}

async function duringRun(): Promise<HostFigures> {
  const [config] = await vscode.workspace.findFiles('*.east.json');
  if (config === undefined) throw new Error('no config');
  const before = process.memoryUsage().rss;
  let peakResident = 0;
  let peakHeap = 0;
  const timer = setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    peakResident = Math.max(peakResident, rss);
    peakHeap = Math.max(peakHeap, heapUsed);
  }, 250);
  await vscode.window.showTextDocument(config);
  await vscode.commands.executeCommand('east.openDashboard', { configFile: config.fsPath });
  await vscode.commands.executeCommand('east.run', { configFile: config.fsPath });
  for (let seconds = 0; seconds < 270; seconds++) {
    const reports = await vscode.workspace.findFiles('.east/runs/*/report.json', null);
    if (reports.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  await new Promise((resolve) => setTimeout(resolve, 2000));
  clearInterval(timer);
  return { memory: { before, peakResident, peakHeap } };
}
