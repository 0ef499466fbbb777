/** Above the config: what can be done with it now, and what came of the last run. */
import * as vscode from 'vscode';
import { WORK_WORDS, workOf, type Work } from '../../core/tasks/work';
import { COMMAND, type CommandTarget } from '../commands';
import { canResume, isActive } from '../runs/activity';
import type { Services } from '../services';
import { CONFIG_SELECTOR, isConfigDocument } from './config-document';
import { resultText } from './config-text';
import type { OpenConfigs } from './open-configs';
import { isVerified, onDidVerify } from './verified';

export function registerLenses(services: Services, configs: OpenConfigs): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    configs.onDidChange(() => changed.fire()),
    onDidVerify(() => changed.fire()),
    vscode.languages.registerCodeLensProvider(CONFIG_SELECTOR, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses(document) {
        if (!isConfigDocument(document)) return [];
        const { advice = [], written } = configs.latest(document)?.advised ?? {};
        const touched = advice.some(({ code }) => code.startsWith('sources-'));
        return lensesOf(services, document.uri.fsPath, workOf(written?.model), touched);
      },
    }),
  );
}

/** @param touched whether the sources are no longer what may have been verified */
function lensesOf(
  services: Services,
  configFile: string,
  work: Work,
  touched: boolean,
): vscode.CodeLens[] {
  const { runs } = services;
  const [current, lastGood] = [runs.current(configFile), runs.lastGood(configFile)];
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, command: string, target: CommandTarget = {}): vscode.CodeLens =>
    new vscode.CodeLens(top, { title, command, arguments: [{ configFile, ...target }] });
  const lenses: vscode.CodeLens[] = [];
  if (current !== undefined && isActive(current)) {
    lenses.push(lens('$(debug-stop) Stop', COMMAND.stop, { runId: current.id }));
  } else {
    if (current !== undefined && canResume(current)) {
      lenses.push(lens('$(debug-continue) Resume', COMMAND.resume, { runId: current.id }));
    }
    lenses.push(lens(`$(play) ${WORK_WORDS[work].start}`, COMMAND.run));
  }
  lenses.push(lens('$(dashboard) Dashboard', COMMAND.openDashboard));
  if (lastGood?.report === undefined) return lenses;
  const verified = !touched && isVerified(services, configFile, lastGood.id) ? ' · verified' : '';
  const over = lastGood.report.withinBudget ? '' : ' · over budget';
  return [
    ...lenses,
    lens('$(file-code) Regenerate sources', COMMAND.generate),
    lens('$(beaker) Verify', COMMAND.verify),
    lens(`${resultText(lastGood.report)}${over}${verified}`, COMMAND.openDashboard, {
      runId: lastGood.id,
    }),
  ];
}
