/** On the budget: what fills it. On a layer: what it takes. On a model file: what it is. The keys themselves are explained by the schema. */
import * as vscode from 'vscode';
import { CONFIG_SELECTOR } from './config-document';
import { decodingTable, flashTable, layerTable, ramTable } from './config-text';
import type { OpenConfig, OpenConfigs } from './open-configs';
import type { Services } from '../services';
import { reportOfThisNetwork } from './decorations';

export function registerHover(
  { configs: index, models }: Services,
  configs: OpenConfigs,
): vscode.Disposable {
  return vscode.languages.registerHoverProvider(CONFIG_SELECTOR, {
    async provideHover(document, position) {
      const open = configs.get(document);
      if (open === undefined) return undefined;
      const { getLocation } = await import('jsonc-parser');
      const { path } = getLocation(document.getText(), document.offsetAt(position));
      const isFile = path[0] === 'model' && path[1] === 'file';
      const text = isFile
        ? await (
            await import('./model-file')
          ).modelFileText(open, index.workspaceOf(document.uri.fsPath), models)
        : explain(open, path);
      return text === undefined ? undefined : new vscode.Hover(new vscode.MarkdownString(text));
    },
  });
}

function explain(open: OpenConfig, path: readonly (string | number)[]): string | undefined {
  const { forecast } = open.advised;
  if (forecast === undefined) return undefined;
  const report = reportOfThisNetwork(open);
  const [section, key, entry] = path;
  if (section === 'budget' && (key === 'flash' || key === 'weights')) {
    return flashTable(forecast, report);
  }
  if (section === 'budget' && key === 'ram') return ramTable(forecast, report);
  if (section === 'budget' && key === 'decode') return decodingTable(forecast, report);
  if (section !== 'model' || key !== 'layers' || typeof entry !== 'number') return undefined;
  const layer = forecast.layers.find(({ entries }) => entries.includes(entry));
  return (
    layer &&
    layerTable(
      layer,
      report?.layers.find(({ name }) => name === layer.name),
    )
  );
}
