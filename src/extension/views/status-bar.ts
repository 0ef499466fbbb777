/** The status bar item while something trains: how far, how well, how large; a click opens the dashboard. */
import * as vscode from 'vscode';
import { COMMAND, type CommandTarget } from '../commands';
import { isActive } from '../runs/activity';
import type { RunInfo, Services } from '../services';
import { runTooltip, statusText } from './run-text';

/** Often enough to look alive, seldom enough to cost nothing. */
const INTERVAL_MS = 500;

export function registerStatusBar(services: Services): vscode.Disposable {
  const { runs } = services;
  let item: vscode.StatusBarItem | undefined;
  let timer: NodeJS.Timeout | undefined;

  const show = (): void => {
    timer = undefined;
    const active = runs.all().filter(isActive);
    const working = active.filter(({ activity }) => activity !== 'queued');
    const shown = working[0] ?? active.at(-1);
    if (shown === undefined) {
      item?.dispose();
      item = undefined;
      return;
    }
    item ??= createItem();
    item.text = statusText(
      shown,
      active.length - (shown.activity === 'queued' ? 1 : working.length),
    );
    item.tooltip = tooltipOf([...working, ...active.filter((run) => !working.includes(run))]);
    item.command = command('Open Dashboard', COMMAND.openDashboard, shown);
  };
  const schedule = (): void => {
    timer ??= setTimeout(show, INTERVAL_MS);
  };
  show();
  return vscode.Disposable.from(runs.onDidChange(schedule), runs.onDidRemove(schedule), {
    dispose: () => {
      clearTimeout(timer);
      item?.dispose();
    },
  });
}

function createItem(): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(
    'east.training',
    vscode.StatusBarAlignment.Left,
    10,
  );
  item.name = 'EAST Training';
  item.show();
  return item;
}

function tooltipOf(runs: readonly RunInfo[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.supportThemeIcons = true;
  text.isTrusted = { enabledCommands: [COMMAND.openDashboard, COMMAND.stop, COMMAND.showLog] };
  const now = new Date();
  for (const [i, run] of runs.entries()) {
    if (i > 0) text.appendMarkdown('\n\n---\n\n');
    text.appendMarkdown(runTooltip(run, now));
    const links = [
      link('$(dashboard) Dashboard', COMMAND.openDashboard, run),
      ...(run.activity === 'stopping' ? [] : [link('$(debug-stop) Stop', COMMAND.stop, run)]),
      link('$(output) Log', COMMAND.showLog, run),
    ];
    text.appendMarkdown(`\n\n${links.join(' · ')}`);
  }
  return text;
}

function link(label: string, id: string, run: RunInfo): string {
  const target = encodeURIComponent(JSON.stringify([targetOf(run)]));
  return `[${label}](command:${id}?${target})`;
}

function command(title: string, id: string, run: RunInfo): vscode.Command {
  return { title, command: id, arguments: [targetOf(run)] };
}

function targetOf({ configFile, id }: RunInfo): CommandTarget {
  return { configFile, runId: id };
}
