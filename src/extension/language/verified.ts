/** Remembers which run's sources passed verification last, for the lens above the config. */
import * as vscode from 'vscode';
import { pathKey } from '../path-key';
import type { Services } from '../services';

const KEY = 'east.verified';
const changed = new vscode.EventEmitter<void>();
export const onDidVerify = changed.event;

/** @param runId the run whose sources passed; undefined where they did not */
export async function rememberVerified(
  { context }: Pick<Services, 'context'>,
  configFile: string,
  runId: string | undefined,
): Promise<void> {
  const known = context.workspaceState.get<Record<string, string | undefined>>(KEY, {});
  await context.workspaceState.update(KEY, { ...known, [pathKey(configFile)]: runId });
  changed.fire();
}

export function isVerified(
  { context }: Pick<Services, 'context'>,
  configFile: string,
  runId: string,
): boolean {
  const known = context.workspaceState.get<Record<string, string | undefined>>(KEY, {});
  return known[pathKey(configFile)] === runId;
}
