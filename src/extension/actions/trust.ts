/** Restricted mode: what trains, writes or runs a compiler waits until the workspace is trusted. */
import * as vscode from 'vscode';

/** @param what as it follows "a trusted workspace is needed to": `train` */
export async function requireTrust(what: string): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const answer = await vscode.window.showWarningMessage(
    `In Restricted Mode EAST shows configs and results. A trusted workspace is needed to ${what}.`,
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}
