/** The tree of configs and their runs, in the activity bar. */
import { basename } from 'node:path';
import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { CONFIG_SUFFIX } from '../../core/config/template-choices';
import { showError } from '../actions/show-error';
import { folderOf } from '../actions/target';
import { requireTrust } from '../actions/trust';
import { COMMAND, type CommandTarget } from '../commands';
import { canResume, isActive } from '../runs/activity';
import type { RunActivity } from '../../protocol/activity';
import type { RunInfo, Services } from '../services';
import { configDescription, nameOf, runDescription, runTooltip, startOf } from './run-text';

/** A CommandTarget, so that the commands of its menus need not know the tree. */
type Node = ConfigNode | RunNode;

interface ConfigNode extends CommandTarget {
  readonly kind: 'config';
  readonly configFile: string;
}

interface RunNode extends CommandTarget {
  readonly kind: 'run';
  readonly configFile: string;
  readonly runId: string;
}

const VIEW = 'east.runs';
/** Changes of a running run come far oftener than anybody reads. */
const INTERVAL_MS = 500;
/** `5 min ago` gets older without any change. */
const MINUTE_MS = 60_000;

export function registerTree(services: Services): vscode.Disposable {
  const tree = new RunTree(services);
  const view = vscode.window.createTreeView(VIEW, {
    treeDataProvider: tree,
    showCollapseAll: true,
  });
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    tree,
    view,
    tree.onDidRefresh(() => {
      const count = services.runs.all().filter(({ activity }) => activity === 'running').length;
      view.badge =
        count === 0
          ? undefined
          : { value: count, tooltip: count === 1 ? '1 run training' : `${count} runs training` };
    }),
    registerCommand('east.deleteRun', (node?: Node) => deleteRun(services, node)),
    registerCommand('east.openRunFolder', (node?: Node) => {
      const run = runOf(services, node);
      if (run) void vscode.commands.executeCommand(revealCommand(), vscode.Uri.file(run.path));
    }),
    registerCommand('east.copyRunId', (node?: Node) => {
      if (node?.kind === 'run') void vscode.env.clipboard.writeText(node.runId);
    }),
    registerCommand('east.openConfig', (node?: Node) => {
      if (node) void vscode.window.showTextDocument(vscode.Uri.file(node.configFile));
    }),
  );
}

class RunTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #refreshed = new vscode.EventEmitter<void>();
  readonly onDidRefresh = this.#refreshed.event;
  /** The editor knows nodes by identity. */
  readonly #nodes = new Map<string, Node>();
  readonly #subscriptions: vscode.Disposable[];
  /** Since the last refresh; `all` when the list itself is another. */
  #pending: Set<string> | 'all' = new Set();
  #timer: NodeJS.Timeout | undefined;
  readonly #minute = setInterval(() => this.#schedule('all'), MINUTE_MS);

  constructor(private readonly services: Services) {
    const { runs, configs } = services;
    this.#subscriptions = [
      runs.onDidChange(({ run }) => {
        this.#schedule(this.#nodes.has(run.id) ? run.id : 'all');
      }),
      runs.onDidRemove(() => this.#schedule('all')),
      configs.onDidChange(() => this.#schedule('all')),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#minute);
    for (const each of [...this.#subscriptions, this.#changed, this.#refreshed]) each.dispose();
  }

  getChildren(node?: Node): Node[] {
    const { runs, configs } = this.services;
    if (node === undefined) {
      const known = configs.all();
      // A config may be deleted while it is trained; its runs are still there to be stopped, seen or deleted.
      const gone = new Set(runs.all().map(({ configFile }) => configFile));
      for (const configFile of known) gone.delete(configFile);
      return [...known, ...[...gone].sort()].map((configFile) =>
        this.#node(configFile, { kind: 'config', configFile }),
      );
    }
    if (node.kind === 'run') return [];
    const { configFile } = node;
    return runs
      .of(configFile)
      .map(({ id }) => this.#node(id, { kind: 'run', configFile, runId: id }));
  }

  getParent(node: Node): Node | undefined {
    return node.kind === 'run' ? this.#nodes.get(node.configFile) : undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.kind === 'config' ? this.#configItem(node) : this.#runItem(node);
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const { runs } = this.services;
    const run =
      node.kind === 'run'
        ? runs.get(node.runId)
        : (runs.current(node.configFile) ?? runs.lastGood(node.configFile));
    item.tooltip = new vscode.MarkdownString(
      run === undefined ? node.configFile : runTooltip(run, new Date()),
    );
    return item;
  }

  #configItem({ configFile }: ConfigNode): vscode.TreeItem {
    const { runs, configs } = this.services;
    const current = runs.current(configFile);
    const lastGood = runs.lastGood(configFile);
    const item = new vscode.TreeItem(
      basename(configFile, CONFIG_SUFFIX),
      configs.all().length === 1 || (current !== undefined && isActive(current))
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed,
    );
    // The editor remembers what is collapsed by id: with its first run a config opens as a new item.
    item.id = `config:${configFile}${runs.of(configFile).length > 0 ? ':runs' : ''}`;
    const folder = folderOf(configFile);
    const exists = configs.all().includes(configFile);
    const about = exists ? configDescription(current, lastGood) : 'config deleted';
    item.description = [about, folder].filter((part) => part !== '').join(' · ');
    item.iconPath = new vscode.ThemeIcon(exists ? 'circuit-board' : 'question');
    item.contextValue = [
      exists ? 'config' : 'deleted',
      ...(current !== undefined && isActive(current) ? ['active'] : ['idle']),
      ...(lastGood === undefined ? [] : ['result']),
    ].join('.');
    if (exists) {
      item.command = {
        title: 'Open Config',
        command: 'vscode.open',
        arguments: [vscode.Uri.file(configFile)],
      };
    }
    return item;
  }

  #runItem(node: RunNode): vscode.TreeItem {
    const run = this.services.runs.get(node.runId);
    const item = new vscode.TreeItem(run === undefined ? node.runId : startOf(run));
    item.id = `run:${node.runId}`;
    if (run === undefined) return item;
    item.description = runDescription(run, new Date());
    item.iconPath = iconOf(run);
    item.contextValue = [
      'run',
      ...(isActive(run) ? ['active'] : ['idle']),
      ...(canResume(run) ? ['resumable'] : []),
      ...(run.report === undefined ? [] : ['result']),
    ].join('.');
    const target: CommandTarget = { configFile: node.configFile, runId: node.runId };
    item.command = { title: 'Open Dashboard', command: COMMAND.openDashboard, arguments: [target] };
    item.accessibilityInformation = {
      label: `run of ${nameOf(run)} from ${startOf(run)}, ${String(item.description)}`,
    };
    return item;
  }

  #node(key: string, fresh: Node): Node {
    const known = this.#nodes.get(key) ?? fresh;
    this.#nodes.set(key, known);
    return known;
  }

  #schedule(what: string): void {
    if (what === 'all') this.#pending = 'all';
    else if (this.#pending !== 'all') this.#pending.add(what);
    this.#timer ??= setTimeout(() => this.#refresh(), INTERVAL_MS);
  }

  #refresh(): void {
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = new Set();
    if (pending === 'all') {
      this.#changed.fire(undefined);
    } else {
      const changed = [...pending].flatMap((id) => {
        const node = this.#nodes.get(id);
        const parent = node && this.getParent(node);
        // A config's line tells of its runs.
        return node === undefined ? [] : parent === undefined ? [node] : [parent, node];
      });
      this.#changed.fire([...new Set(changed)]);
    }
    this.#refreshed.fire();
  }
}

const ICONS: Readonly<Record<RunActivity, readonly [icon: string, color?: string]>> = {
  new: ['circle-outline'],
  queued: ['clock'],
  running: ['loading~spin', 'charts.blue'],
  stopping: ['loading~spin'],
  stopped: ['debug-pause', 'charts.yellow'],
  interrupted: ['debug-disconnect', 'list.warningForeground'],
  finished: ['pass-filled', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  damaged: ['warning', 'charts.red'],
};

function iconOf(run: RunInfo): vscode.ThemeIcon {
  const over = run.activity === 'finished' && run.report?.withinBudget === false;
  const [icon, color] = over ? ICONS.damaged : ICONS[run.activity];
  return new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** The system's file manager is no help where the files are on another machine than the window. */
function revealCommand(): string {
  const here = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  return here ? 'revealFileInOS' : 'revealInExplorer';
}

function runOf({ runs }: Services, node: Node | undefined): RunInfo | undefined {
  return node?.kind === 'run' ? runs.get(node.runId) : undefined;
}

async function deleteRun(services: Services, node: Node | undefined): Promise<void> {
  const run = runOf(services, node);
  if (run === undefined || !(await requireTrust('delete a run'))) return;
  if (isActive(run)) {
    void vscode.window.showWarningMessage('This run is being worked on. Stop it first.');
    return;
  }
  const remove = 'Move to Trash';
  const answer = await vscode.window.showWarningMessage(
    `Delete the run of ${nameOf(run)} from ${startOf(run)}?`,
    {
      modal: true,
      detail: 'Its checkpoints, log and results are removed. Generated sources stay.',
    },
    remove,
  );
  if (answer !== remove) return;
  // The question may have stood there for long.
  const now = services.runs.get(run.id);
  if (now === undefined || isActive(now)) return deleteRun(services, node);
  try {
    const uri = vscode.Uri.file(run.path);
    try {
      await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
    } catch {
      // Remote machines and containers have no trash.
      if (await withoutTrash()) await rm(run.path, { recursive: true });
    }
    await services.runs.refresh();
  } catch (error) {
    await showError(services, 'delete the run', error);
  }
}

async function withoutTrash(): Promise<boolean> {
  const remove = 'Delete Permanently';
  const answer = await vscode.window.showWarningMessage(
    'There is no trash here. Delete the run permanently?',
    { modal: true },
    remove,
  );
  return answer === remove;
}
