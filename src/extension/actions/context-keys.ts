/** What the when-clauses of menus ask: which configs are being worked on, and which have results. */
import { sep } from 'node:path';
import * as vscode from 'vscode';
import { isActive } from '../runs/activity';
import type { Services } from '../services';

const INTERVAL_MS = 250;

export function registerContextKeys({ configs, runs }: Services): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const last = new Map<string, string>();
  const set = (key: string, value: unknown): void => {
    const text = JSON.stringify(value);
    if (last.get(key) === text) return;
    last.set(key, text);
    void vscode.commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    timer = undefined;
    const all = configs.all();
    const active = all.filter((file) => runs.of(file).some(isActive));
    const withResults = all.filter((file) => runs.lastGood(file) !== undefined);
    set('east.hasConfigs', all.length > 0);
    set('east.hasRuns', runs.all().length > 0);
    // Also those whose config was deleted meanwhile.
    set('east.active', runs.all().some(isActive));
    set('east.activeConfigs', asTheWindowSeesThem(active));
    set('east.resultConfigs', asTheWindowSeesThem(withResults));
  };
  const schedule = (): void => {
    timer ??= setTimeout(update, INTERVAL_MS);
  };
  update();
  return vscode.Disposable.from(
    configs.onDidChange(schedule),
    runs.onDidChange(({ events, run }) => {
      // Steps change nothing here.
      if (events.length === 0 || events.some(({ type }) => type !== 'step') || !isActive(run)) {
        schedule();
      }
    }),
    runs.onDidRemove(schedule),
    { dispose: () => clearTimeout(timer) },
  );
}

/** `resourcePath` has the separators of the window's system, which need not be those of the machine the files are on. */
function asTheWindowSeesThem(files: readonly string[]): string[] {
  return sep === '/' ? files.flatMap((file) => [file, file.replaceAll('/', '\\')]) : [...files];
}
