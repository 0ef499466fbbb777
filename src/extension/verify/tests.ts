/**
 * Verification in the Test Explorer: a test per config with its builds (host, sanitizers, target) below. The command
 * runs the same tests, so that there is one place where results are.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { firmwareTarget } from '../../core/firmware/targets/targets';
import { CONFIG_SUFFIX } from '../../core/config/template-choices';
import { locateKey } from '../../core/config/document';
import type { VerifyTarget } from '../../core/run/actions';
import { formatUserError, UserError } from '../../core/util/errors';
import { chooseConfig, folderOf, targetOf } from '../actions/target';
import { requireTrust } from '../actions/trust';
import { COMMAND, type CommandTarget } from '../commands';
import { rememberVerified } from '../language/verified';
import type { Services } from '../services';
import {
  countText,
  explainFailure,
  failurePlace,
  outcomeLines,
  BUILD_IDS,
  BUILD_LABELS,
  buildId,
} from './verify-text';
import { defined } from '../../core/util/defined';

export function registerTests(services: Services): vscode.Disposable {
  const tests = new VerificationTests(services);
  return vscode.Disposable.from(
    tests,
    vscode.commands.registerCommand(COMMAND.verify, (argument?: unknown) => tests.verify(argument)),
  );
}

class VerificationTests implements vscode.Disposable {
  #controller: vscode.TestController | undefined;
  readonly #subscription: vscode.Disposable;

  constructor(private readonly services: Services) {
    this.#subscription = services.configs.onDidChange(() => this.#refresh());
    this.#refresh();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#controller?.dispose();
  }

  async verify(argument: unknown): Promise<void> {
    const { services } = this;
    if (!(await requireTrust('compile and run the sources'))) return;
    const configFile = await chooseConfig(
      services,
      argument,
      'Model config whose firmware to verify',
      (file) => services.runs.lastGood(file) !== undefined,
    );
    if (configFile === undefined) return;
    const item = this.#itemOf(configFile);
    const request = new vscode.TestRunRequest([item]);
    const { runId } = targetOf(argument);
    const title = `EAST: verifying ${basename(configFile, CONFIG_SUFFIX)}`;
    const location = vscode.ProgressLocation.Notification;
    const outcome = await vscode.window.withProgress(
      { location, title, cancellable: true },
      (progress, token) =>
        this.#run(request, token, runId, (message) => progress.report({ message })),
    );
    void this.#tell(configFile, outcome);
  }

  /** Nothing is shown in the Test Explorer of somebody who has no config. */
  #refresh(): void {
    const configs = this.services.configs.all();
    if (configs.length === 0 && this.#controller === undefined) return;
    const { items } = this.#open();
    const known = new Set(configs);
    items.forEach(({ id }) => {
      if (!known.has(id)) items.delete(id);
    });
    for (const file of configs) this.#itemOf(file);
  }

  #open(): vscode.TestController {
    if (this.#controller !== undefined) return this.#controller;
    const controller = vscode.tests.createTestController('east', 'EAST Firmware');
    controller.createRunProfile(
      'Verify Firmware',
      vscode.TestRunProfileKind.Run,
      async (request, token) => {
        if (await requireTrust('compile and run the sources')) await this.#run(request, token);
      },
      true,
    );
    controller.refreshHandler = () => this.#refresh();
    this.#controller = controller;
    return controller;
  }

  #itemOf(configFile: string): vscode.TestItem {
    const controller = this.#open();
    const known = controller.items.get(configFile);
    if (known !== undefined) return known;
    const uri = vscode.Uri.file(configFile);
    const item = controller.createTestItem(configFile, basename(configFile, CONFIG_SUFFIX), uri);
    item.description = folderOf(configFile);
    for (const [i, id] of BUILD_IDS.entries()) {
      const child = controller.createTestItem(`${configFile}#${id}`, BUILD_LABELS[id], uri);
      child.sortText = String(i);
      item.children.add(child);
    }
    controller.items.add(item);
    return item;
  }

  async #run(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    runId?: string,
    onMessage: (message: string) => void = () => undefined,
  ): Promise<Outcome[]> {
    const run = this.#open().createTestRun(request);
    const outcomes: Outcome[] = [];
    const cancel = new vscode.CancellationTokenSource();
    const listeners = [token, run.token].map((each) =>
      each.onCancellationRequested(() => cancel.cancel()),
    );
    try {
      for (const item of this.#wanted(request)) {
        if (cancel.token.isCancellationRequested) break;
        outcomes.push(await this.#runOne(run, item, cancel.token, runId, onMessage));
      }
    } finally {
      run.end();
      for (const listener of listeners) listener.dispose();
      cancel.dispose();
    }
    return outcomes;
  }

  /** One verification does all builds of a config, whichever of them were asked for. */
  #wanted({ include, exclude }: vscode.TestRunRequest): vscode.TestItem[] {
    const all: vscode.TestItem[] = [];
    this.#open().items.forEach((item) => all.push(item));
    const asked = include ?? all;
    const configs = new Set(asked.map((item) => item.parent ?? item));
    return [...configs].filter((item) => exclude?.includes(item) !== true);
  }

  async #runOne(
    run: vscode.TestRun,
    item: vscode.TestItem,
    token: vscode.CancellationToken,
    runId: string | undefined,
    onMessage: (message: string) => void,
  ): Promise<Outcome> {
    const { worker, output } = this.services;
    const children = BUILD_IDS.flatMap((id) => item.children.get(`${item.id}#${id}`) ?? []);
    for (const test of [item, ...children]) run.started(test);
    const print = (line: string, test?: vscode.TestItem): void => {
      run.appendOutput(`${line.replaceAll(/\r?\n/g, '\r\n')}\r\n`, undefined, test);
    };
    try {
      const outcome = await worker.verify(item.id, {
        ...defined({ runId }),
        onMessage: (message) => {
          onMessage(message);
          print(message, item);
        },
        token,
      });
      for (const target of outcome.targets) this.#report(run, item, target, print);
      const verified = outcome.ok ? (runId ?? this.services.runs.lastGood(item.id)?.id) : undefined;
      void rememberVerified(this.services, item.id, verified);
      for (const line of outcome.targets.flatMap(outcomeLines)) output.info(line);
      return { targets: outcome.targets };
    } catch (error) {
      if (token.isCancellationRequested) {
        for (const test of [item, ...children]) run.skipped(test);
        return { targets: [] };
      }
      const text = error instanceof UserError ? formatUserError(error) : String(error);
      output.error(`could not verify: ${text}`);
      const message = new vscode.TestMessage(error instanceof Error ? error.message : text);
      message.location = configLocation(item.id);
      // On the config alone: its builds were not reached.
      run.errored(item, message);
      for (const child of children) run.skipped(child);
      print(text, item);
      return { targets: [], error: error instanceof Error ? error.message : text };
    }
  }

  #report(
    run: vscode.TestRun,
    item: vscode.TestItem,
    target: VerifyTarget,
    print: (line: string, test?: vscode.TestItem) => void,
  ): void {
    const id = buildId(target);
    const test = id === undefined ? undefined : item.children.get(`${item.id}#${id}`);
    for (const line of outcomeLines(target)) print(line, test);
    if (test === undefined) return;
    const { result } = target;
    if (result.status === 'passed') run.passed(test);
    else if (result.status === 'skipped') {
      run.skipped(test);
      test.description = `${result.missing} is missing`;
      return;
    } else {
      const message = new vscode.TestMessage(explainFailure(result.message));
      message.location = this.#locate(item.id, result.message);
      run.failed(test, message);
    }
    test.description = target.figures.find(([name]) => name.startsWith('instructions'))?.[1] ?? '';
    if (test.description !== '') test.description += ' instructions per inference';
  }

  #locate(configFile: string, message: string): vscode.Location {
    const directory = this.services.runs.lastGood(configFile)?.config?.firmware.directory;
    const sources = directory !== undefined && existsSync(directory) ? readdirSync(directory) : [];
    const place = failurePlace(message, sources);
    if (directory === undefined || place === undefined) return configLocation(configFile);
    return new vscode.Location(
      vscode.Uri.file(join(directory, place.file)),
      new vscode.Position(place.line - 1, place.column - 1),
    );
  }

  async #tell(configFile: string, outcomes: readonly Outcome[]): Promise<void> {
    const name = basename(configFile, CONFIG_SUFFIX);
    const target: CommandTarget = { configFile };
    const problem = outcomes.find(({ error }) => error !== undefined)?.error;
    const targets = outcomes.flatMap((outcome) => outcome.targets);
    if (problem !== undefined) {
      const write = 'Regenerate Sources';
      const answer = await vscode.window.showErrorMessage(firstLine(problem), write);
      if (answer === write) await vscode.commands.executeCommand(COMMAND.generate, target);
      return;
    }
    if (targets.length === 0) return;
    const show = 'Show Results';
    const failed = targets.some(({ result }) => result.status === 'failed');
    const passed = targets.every(({ result }) => result.status === 'passed');
    const message = passed
      ? `${name}: verified. Every output byte is as trained on host and ${firmwareTarget().name}.`
      : `${name}: verification ${failed ? 'failed' : 'is not complete'}: ${countText(targets)}.`;
    const say = failed
      ? vscode.window.showErrorMessage
      : passed
        ? vscode.window.showInformationMessage
        : vscode.window.showWarningMessage;
    const answer = await say(message, show);
    if (answer === show) {
      await vscode.commands.executeCommand('testing.showMostRecentOutput');
    }
  }
}

interface Outcome {
  readonly targets: readonly VerifyTarget[];
  /** Why nothing could be verified. */
  readonly error?: string;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? text;
}

/** The config's `firmware`, as far as the text can be read. */
function configLocation(configFile: string): vscode.Location {
  const uri = vscode.Uri.file(configFile);
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.fsPath === uri.fsPath,
  );
  if (open === undefined) return new vscode.Location(uri, new vscode.Position(0, 0));
  const { line, column } = locateKey(open.getText(), ['firmware']);
  return new vscode.Location(uri, new vscode.Position(line - 1, column - 1));
}
