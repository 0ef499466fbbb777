/**
 * Behind each entry of an explicit list of layers: what it takes, by the last run of this network or before any. Behind a
 * model file: what all of its layers take.
 */
import * as vscode from 'vscode';
import { isReportOf } from '../../core/advice/same-network';
import type { Report } from '../../core/report/report';
import { forecastLayerText, modelFileSizeText, trainedLayerText } from './config-text';
import type { OpenConfig, OpenConfigs } from './open-configs';

export function registerDecorations(configs: OpenConfigs): vscode.Disposable {
  const after = { margin: '0 0 0 2em', color: new vscode.ThemeColor('editorCodeLens.foreground') };
  const trained = vscode.window.createTextEditorDecorationType({ after });
  const forecast = vscode.window.createTextEditorDecorationType({
    after: { ...after, fontStyle: 'italic' },
  });
  const show = (editor: vscode.TextEditor): void => {
    const open = configs.get(editor.document);
    // While the text is being changed, or is broken, the old ones move along with it. Of a network in another file, or in
    // none that can be read, they tell nothing.
    const { forecast: known, written } = open?.advised ?? {};
    if (open === undefined || (known === undefined && written?.model.file === undefined)) return;
    const options = decorationsOf(open);
    editor.setDecorations(trained, options.trained);
    editor.setDecorations(forecast, options.forecast);
  };
  const showAll = (): void => vscode.window.visibleTextEditors.forEach(show);
  showAll();
  return vscode.Disposable.from(
    trained,
    forecast,
    configs.onDidChange(showAll),
    vscode.window.onDidChangeVisibleTextEditors(showAll),
  );
}

function decorationsOf(open: OpenConfig): {
  trained: vscode.DecorationOptions[];
  forecast: vscode.DecorationOptions[];
} {
  const { advised, document } = open;
  const report = reportOfThisNetwork(open);
  const found: ReturnType<typeof decorationsOf> = { trained: [], forecast: [] };
  if (advised.forecast !== undefined && advised.document.has(['model', 'file'])) {
    const { line } = advised.document.locateValue(['model', 'file']);
    const { range } = document.lineAt(line - 1);
    found.forecast.push({
      range: new vscode.Range(range.end, range.end),
      renderOptions: { after: { contentText: modelFileSizeText(advised.forecast) } },
    });
  }
  for (const layer of advised.forecast?.layers ?? []) {
    const entry = layer.entries[0];
    if (entry === undefined || layer.parameters === 0) continue;
    const { line } = advised.document.locateValue(['model', 'layers', entry, 'type']);
    const { range } = document.lineAt(line - 1);
    const result = report?.layers.find(({ name }) => name === layer.name);
    found[result === undefined ? 'forecast' : 'trained'].push({
      range: new vscode.Range(range.end, range.end),
      renderOptions: {
        after: { contentText: result ? trainedLayerText(result) : forecastLayerText(layer) },
      },
    });
  }
  return found;
}

/** The last good run's report, where it is about the layers that the config has now. */
export function reportOfThisNetwork({ advised, lastGood }: OpenConfig): Report | undefined {
  const report = lastGood?.report;
  const { forecast } = advised;
  return report && forecast && isReportOf(report, forecast) ? report : undefined;
}
