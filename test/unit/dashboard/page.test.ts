import { describe, expect, it } from 'vitest';
import { page } from '../../../src/extension/dashboard/page';
import { parseSavedPanel, parseToHost } from '../../../src/protocol/dashboard';

describe('page', () => {
  const html = page({
    script: 'https://x/dashboard.js',
    style: 'https://x/dashboard.css',
    cspSource: 'https://x',
    nonce: 'abc',
    configFile: '/w/a"<b>&.east.json',
  });

  it('lets in its own script and style and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-abc'");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  it('cannot be broken out of by the name of a config', () => {
    expect(html).toContain('content="/w/a&quot;&lt;b>&amp;.east.json"');
  });
});

describe('messages from the page', () => {
  it.each([
    ['no type', {}],
    ['an action that is none', { type: 'action', action: 'format-disk' }],
    ['a path as file name', { type: 'export', format: 'csv', name: '../../x', content: '' }],
    ['another format', { type: 'export', format: 'exe', name: 'x', content: '' }],
    ['half a request', { type: 'weights', request: 1 }],
    ['a negative number', { type: 'weights', request: -1, runId: 'a', layer: 'b' }],
  ])('are refused with a reason: %s', (_, message) => {
    const parsed = parseToHost(message);
    expect(parsed.ok).toBe(false);
    expect(parsed).toHaveProperty('problem', expect.stringMatching(/\w/));
  });

  it('restore a panel by its config, whatever else was kept', () => {
    expect(parseSavedPanel({ configFile: '/w/a.east.json', tab: 'curves' })).toEqual({
      ok: true,
      value: { configFile: '/w/a.east.json' },
    });
    expect(parseSavedPanel(undefined).ok).toBe(false);
  });
});
