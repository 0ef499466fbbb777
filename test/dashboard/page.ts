/** The real dashboard page in Chromium, with everything VS Code puts around a webview: theme, messages, kept state. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { page as html } from '../../src/extension/dashboard/page';
import { parseToHost, type ToHost, type ToPage } from '../../src/protocol/dashboard';
import { THEMES, type ThemeKind } from './themes';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const ORIGIN = 'http://dashboard.test';
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Chromium is not installed');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Built as esbuild.mjs builds it, so that a test never sees an older bundle. */
let bundle: Promise<{ script: string; style: string }> | undefined;
function dashboardBundle(): Promise<{ script: string; style: string }> {
  bundle ??= build({
    absWorkingDir: root,
    entryPoints: ['webview/main.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'chrome122',
    outdir: 'dist',
    logLevel: 'silent',
  }).then(({ outputFiles }) => {
    const text = (ending: string): string =>
      outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
    return { script: text('.js'), style: text('.css') };
  });
  return bundle;
}

export interface OpenOptions {
  readonly theme?: ThemeKind;
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  /** As kept by VS Code from before. */
  readonly saved?: unknown;
  readonly configFile: string;
}

export interface Dashboard {
  readonly page: Page;
  /** Messages from the page so far; each is checked as the extension checks it. */
  readonly sent: readonly ToHost[];
  /** Breaches of the content security policy, errors and warnings of the page. */
  readonly complaints: readonly string[];
  send(...messages: readonly ToPage[]): Promise<void>;
  /** Anything at all, also what is no message. */
  sendRaw(value: unknown): Promise<void>;
  theme(kind: ThemeKind): Promise<void>;
  saved(): Promise<unknown>;
  close(): Promise<void>;
}

export async function openDashboard(browser: Browser, options: OpenOptions): Promise<Dashboard> {
  const { script, style } = await dashboardBundle();
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1400, height: options.height ?? 900 },
    deviceScaleFactor: options.scale ?? 1,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const sent: ToHost[] = [];
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.exposeFunction('toHost', (message: unknown) => {
    const parsed = parseToHost(message);
    if (parsed.ok) sent.push(parsed.value);
    else complaints.push(`sent an invalid message: ${parsed.problem}`);
  });
  await page.addInitScript(`window.savedBefore = ${JSON.stringify(options.saved) ?? 'undefined'};`);
  await page.addInitScript({ path: join(root, 'test/dashboard/webview-stub.js') });
  await page.route('**/*', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === '/dashboard.js')
      return route.fulfill({ contentType: 'text/javascript', body: script });
    if (path === '/dashboard.css') return route.fulfill({ contentType: 'text/css', body: style });
    if (path !== '/') return route.fulfill({ status: 404 });
    const body = html({
      script: `${ORIGIN}/dashboard.js`,
      style: `${ORIGIN}/dashboard.css`,
      cspSource: ORIGIN,
      nonce: 'bm9uY2U',
      configFile: options.configFile,
    });
    // VS Code marks the body and sets the variables before the page's own scripts run.
    const { attributes, variables } = themed(options.theme ?? 'vscode-dark');
    return route.fulfill({
      contentType: 'text/html',
      body: body
        .replace('<body>', `<body ${attributes}>`)
        .replace('<link ', `<style nonce="bm9uY2U">:root{${variables}}</style><link `),
    });
  });
  await page.goto(`${ORIGIN}/`);

  const sendRaw = (value: unknown): Promise<void> =>
    page.evaluate((encoded) => {
      const message: unknown = JSON.parse(encoded, (_: string, part: unknown): unknown => {
        // Typed arrays arrive in the page as such; what goes there from here is JSON.
        if (typeof part !== 'object' || part === null || !('typed' in part)) return part;
        const numbers = 'numbers' in part && Array.isArray(part.numbers) ? part.numbers : [];
        if (part.typed === 'u32') return Uint32Array.from(numbers);
        if (part.typed === 'f32') return Float32Array.from(numbers);
        return part.typed === 'i8' ? Int8Array.from(numbers) : Uint8Array.from(numbers);
      });
      // Listeners are called in their order, so the page's own has handled it when this one is called.
      return new Promise<void>((resolve) => {
        window.addEventListener('message', () => resolve(), { once: true });
        window.postMessage(message, '*');
      });
    }, encode(value));

  return {
    page,
    sent,
    complaints,
    sendRaw,
    async send(...messages) {
      for (const message of messages) await sendRaw(message);
      // What they change is drawn in the first frame; sizes observed in it may ask for a second.
      await page.evaluate(
        () =>
          new Promise<void>((resolve) =>
            requestAnimationFrame(() => requestAnimationFrame(() => resolve())),
          ),
      );
    },
    async theme(kind) {
      const { variables } = themed(kind);
      await page.evaluate(
        ([name, style]) => {
          document.documentElement.style.cssText = style;
          document.body.className = name;
          document.body.dataset['vscodeThemeKind'] = name;
        },
        [kind, variables] as const,
      );
    },
    saved: () => page.evaluate('window.savedState()'),
    close: () => context.close(),
  };
}

function themed(kind: ThemeKind): { attributes: string; variables: string } {
  const variables = Object.entries(THEMES[kind])
    .map(([name, value]) => `--vscode-${name}: ${value};`)
    .join(' ');
  return { attributes: `class="${kind}" data-vscode-theme-kind="${kind}"`, variables };
}

function encode(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint32Array) return { typed: 'u32', numbers: [...part] };
    if (part instanceof Float32Array) return { typed: 'f32', numbers: [...part] };
    if (part instanceof Int8Array) return { typed: 'i8', numbers: [...part] };
    return part instanceof Uint8Array ? { typed: 'u8', numbers: [...part] } : part;
  });
}

/** For axe, which is put into the page as text. */
export function axeSource(): string {
  return readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
}
