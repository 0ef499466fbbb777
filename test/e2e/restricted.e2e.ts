// A workspace that is not trusted: everything can be seen, nothing is trained, written or compiled.
import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSession } from './lib/session';

const session = useSession({
  server: {
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    },
  },
});

it('checks the config', async () => {
  const { workbench } = session();
  await workbench.openFile('meter.east.json');
  await workbench.statusBar.getByText('Restricted Mode').waitFor();
  await workbench.codeLens('Dashboard').waitFor();
});

it.each([
  ['Run Training', /trusted workspace is needed to train/],
  ['Regenerate Firmware Sources', /trusted workspace is needed to write sources/],
  ['Verify Firmware', /trusted workspace is needed to compile/],
])('refuses: %s', async (command, message) => {
  const { workbench, workspace } = session();
  await workbench.command(`EAST: ${command}`);
  await workbench.notification(message).waitFor();
  if (command === 'Run Training') await workbench.shot('restricted');
  await workbench.clearNotifications();
  expect(await readdir(workspace.file('.east')).catch(() => [])).toEqual([]);
});

it('says so in the dashboard', async () => {
  const { workbench } = session();
  await workbench.command('EAST: Open Dashboard');
  await workbench.webview.getByText(/Restricted Mode/).waitFor();
  await workbench.shot('restricted-dashboard');
});
