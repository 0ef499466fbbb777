// A folder that somebody sent, opened by a person who looks around: in Restricted Mode, and trusted.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHostileWorkspace, snapshot, type HostileWorkspace } from '../hostile/workspace';
import { buildHostSuite } from '../host/build.mjs';
import type { HostileResult } from '../host/hostile';
import { root } from './lib/environment';
import { Server, type Settings } from './lib/server';
import { waitFor } from './lib/wait';
import { openBrowser, Workbench } from './lib/workbench';

/** Of the whole host, of which the editor's own extensions take about half. */
const MOST_BYTES = 400e6;
/** Wanted are 5 s; other work may have most of the machine. */
const MOST_MILLISECONDS = 100_000;

const RESTRICTED: Settings = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

describe.each<[string, Settings]>([
  ['in Restricted Mode', RESTRICTED],
  ['trusted', {}],
])('a hostile folder %s', (_mode, settings) => {
  let parent: string;
  let hostile: HostileWorkspace;
  let before: readonly string[];
  let result: HostileResult;
  let log: string;
  let shown: string;
  const close: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    parent = await mkdtemp(path.join(os.tmpdir(), 'east-h-'));
    close.push(() => rm(parent, { recursive: true, force: true }));
    hostile = await makeHostileWorkspace(parent);
    close.push(async () => hostile.close());
    before = snapshot(hostile.outside);
    const file = path.join(parent, 'result.json');
    const server = await Server.start({
      settings,
      extensions: [path.join(root, 'test/host/driver')],
      env: { EAST_HOST_SUITE: await buildHostSuite('hostile'), EAST_HOST_RESULT: file },
    });
    close.push(() => server.stop());
    const browser = await openBrowser();
    close.push(() => browser.close());
    const workbench = await Workbench.open(browser, server, hostile.folder);
    const text = await waitFor('the suite to end', 60, () =>
      readFile(file, 'utf8').catch(() => undefined),
    );
    result = JSON.parse(text);
    shown = (await workbench.page.locator('.notification-toast').allInnerTexts()).join('\n');
    log = await server.extensionLog();
  });

  afterAll(async () => {
    for (const step of close.reverse()) await step();
  });

  it('costs the host no more memory than any other', () => {
    expect(result.error).toBeUndefined();
    console.log(
      `extension host: ${Math.round(result.beforeBytes / 1e6)} MB before, ${Math.round(result.peakBytes / 1e6)} MB at most`,
    );
    expect(result.peakBytes).toBeLessThan(MOST_BYTES);
  });

  it('keeps nobody waiting', () => {
    const slowest = [...result.calls].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 3);
    console.log(slowest.map(({ what, milliseconds }) => `${what}: ${milliseconds} ms`).join('\n'));
    expect(result.calls.length).toBeGreaterThan(20);
    for (const { what, milliseconds } of result.calls) {
      expect(milliseconds, what).toBeLessThan(MOST_MILLISECONDS);
    }
  });

  it('changes nothing outside', () => {
    expect(snapshot(hostile.outside)).toEqual(before);
  });

  it('is no mistake of the extension, and told of once for each thing', () => {
    expect(log).not.toMatch(/mistake of its own|Maximum call stack|TypeError|RangeError/);
    expect(shown).not.toMatch(/mistake of its own/);
    // Of each config one line for each thing that is wrong with it.
    expect(new Set(result.diagnostics).size).toBe(result.diagnostics.length);
  });
});
