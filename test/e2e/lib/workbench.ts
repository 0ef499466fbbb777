// The workbench as a person uses it: palette, editors, views, dialogs. Selectors of VS Code's own DOM are here only.
import {
  chromium,
  errors,
  type Browser,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { environment } from './environment';
import { Screenshots } from './screenshots';
import type { Server } from './server';
import { limit, waitFor } from './wait';

const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: environment.chromium(),
    headless: true,
    args: BROWSER_FLAGS,
  });
}

export class Workbench {
  readonly screenshots: Screenshots;

  constructor(readonly page: Page) {
    this.screenshots = new Screenshots(page);
  }

  static async open(browser: Browser, server: Server, folder: string): Promise<Workbench> {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
    });
    // Copying from the dashboard asks for this.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // What the page does takes moments; what takes longer says so where it is waited for.
    page.setDefaultTimeout(limit(30));
    await page.goto(server.address(folder), { timeout: limit(60) });
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  /** Until the explorer shows the folder. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor({ timeout: limit(60) });
    await this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .first()
      .waitFor({ timeout: limit(60) });
  }

  /**
   * As a person does it: a page that is simply loaded again may not have kept which editor was open. While that is still
   * being written the workbench asks to stay, which Playwright does; so the command is given again.
   */
  async reload(): Promise<void> {
    await waitFor('the window to load again', 90, async () => {
      const loaded = this.page.waitForEvent('load', { timeout: limit(15) }).then(
        () => true,
        () => undefined,
      );
      await this.command('Developer: Reload Window');
      return loaded;
    });
    await this.page.locator('.monaco-workbench').waitFor({ timeout: limit(60) });
  }

  shot(name: string, clip?: Locator): Promise<void> {
    return this.screenshots.take(name, clip);
  }

  // Palette, quick picks, inputs

  private get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** By the title that the palette shows, such as `EAST: Run Training`. */
  async command(title: string): Promise<void> {
    // The palette does not learn of commands that are registered while it is open.
    await this.accept('F1', `>${title}`, title);
  }

  /**
   * Opens a list, types, and takes the row of that label, as often as it needs: a list that is still being filled moves
   * its rows under the pointer, or closes.
   */
  private async accept(keys: string, typed: string, label: string): Promise<void> {
    const input = this.quickInput.locator('input');
    await waitFor(`the list to offer "${label}"`, 60, async (attempt) => {
      // Short at first, for a list that has closed; longer for a machine that is slow.
      const timeout = 5000 * attempt;
      await this.page.keyboard.press(keys);
      try {
        await input.fill(typed, { timeout });
        await this.quickInput.locator('.monaco-list-row').first().waitFor({ timeout });
        if (await this.row(label).isVisible()) {
          await this.row(label).click({ timeout });
          return true;
        }
      } catch (error) {
        if (!(error instanceof errors.TimeoutError)) throw error;
      }
      await this.page.keyboard.press('Escape');
      return undefined;
    });
  }

  /** Titles the palette offers for a filter. */
  async commandsLike(filter: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    await this.quickInput.locator('input').fill(`>${filter}`);
    const rows = this.quickInput.locator('.monaco-list-row');
    await rows.first().waitFor();
    const labels = await rows.locator('.label-name').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return labels;
  }

  private row(label: string | RegExp): Locator {
    const pattern =
      typeof label === 'string'
        ? new RegExp(`^\\s*${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`)
        : label;
    return this.quickInput
      .locator('.monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: pattern }) })
      .first();
  }

  /** Where a wizard is: `Title: What (2/9)`, or `Title (2/9)` over a list with a placeholder. */
  async inputStep(): Promise<{ number: number; total: number; question: string }> {
    const title = await this.quickInput.locator('.quick-input-title').innerText();
    const found = /\((\d+)\/(\d+)\)/.exec(title);
    if (found === null) throw new Error(`No step in the title: ${title}`);
    const placeholder = await this.quickInput.locator('input').getAttribute('placeholder');
    const what = /: (.+) \(/.exec(title)?.[1];
    const question = what ?? placeholder ?? '';
    return { number: Number(found[1]), total: Number(found[2]), question };
  }

  /** Waits for a quick pick that offers it. */
  async pick(label: string | RegExp): Promise<void> {
    await this.row(label).click();
  }

  /** Waits for an input box (with that in its title or prompt), fills it and accepts. */
  async input(text: string): Promise<void> {
    const box = this.quickInput.locator('input');
    await box.waitFor();
    await box.fill(text);
    await this.page.keyboard.press('Enter');
  }

  get quickInputWidget(): Locator {
    return this.quickInput;
  }

  // Editors

  async openFile(name: string): Promise<void> {
    const label = name.split('/').at(-1) ?? name;
    await waitFor(`${name} in an editor`, 90, async (attempt) => {
      // Nor does the list of files learn of those that are found while it is open.
      await this.accept('Control+P', name, label);
      return this.editor(name)
        .waitFor({ timeout: 10_000 * attempt })
        .then(
          () => true,
          () => undefined,
        );
    });
  }

  editor(name: string): Locator {
    return this.page.locator(`.editor-instance[aria-label*="${name.split('/').at(-1)}"]`);
  }

  /** Focus in the text editor, cursor there; 1-based. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.page.keyboard.press('Control+1');
    await this.page.keyboard.press('Control+G');
    await this.quickInput.locator('input').fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  /** Types over the only place of `find` in `text`, which is what the active editor holds. */
  async typeOver(text: string, find: string, replacement: string): Promise<void> {
    const at = text.indexOf(find);
    if (at < 0 || text.indexOf(find, at + 1) >= 0) throw new Error(`Not once in the text: ${find}`);
    const before = text.slice(0, at).split('\n');
    await this.goTo(before.length, (before.at(-1)?.length ?? 0) + 1);
    for (let i = 0; i < find.length; i++) await this.page.keyboard.press('Shift+ArrowRight');
    await this.page.keyboard.type(replacement);
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  codeLens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: text }).first();
  }

  /** What stands behind lines without being part of them: the text of pseudo-elements. */
  async decorations(): Promise<string[]> {
    return this.page.evaluate<string[]>(
      `[...document.querySelectorAll('.view-line span')]
        .map((span) => getComputedStyle(span, '::after').content)
        .filter((content) => content !== 'none')`,
    );
  }

  async codeLenses(): Promise<string[]> {
    return this.page.locator('.codelens-decoration a').allInnerTexts();
  }

  /** The cursor into the only place of `find` in `text`, which is what the active editor holds. */
  async goToText(text: string, find: string): Promise<void> {
    const before = text.slice(0, text.indexOf(find)).split('\n');
    await this.goTo(before.length, (before.at(-1)?.length ?? 0) + 2);
  }

  /** Opens the list of quick fixes at the cursor, as soon as there are any. */
  async showQuickFixes(): Promise<void> {
    const fixes = this.page.locator('.action-widget .monaco-list-row').first();
    await waitFor('quick fixes', 30, async (attempt) => {
      await this.page.keyboard.press('Control+.');
      const there = await fixes.waitFor({ timeout: 3000 * attempt }).then(
        () => true,
        () => undefined,
      );
      if (there === undefined) await this.page.keyboard.press('Escape');
      return there;
    });
  }

  async takeQuickFix(label: string | RegExp): Promise<void> {
    const list = this.page.locator('.action-widget');
    await list.locator('.monaco-list-row', { hasText: label }).first().click();
  }

  // Views

  async problems(): Promise<string[]> {
    await this.showProblems();
    return this.page
      .locator('.markers-panel .monaco-list-row .marker-message-details-container')
      .allInnerTexts();
  }

  async showProblems(): Promise<void> {
    await this.command('Problems: Focus on Problems View');
    await this.page.locator('.markers-panel').waitFor();
  }

  problem(text: string | RegExp): Locator {
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text }).first();
  }

  async closePanel(): Promise<void> {
    if (await this.page.locator('.part.panel').isVisible()) {
      await this.command('View: Hide Panel');
    }
  }

  /** By the title of its icon in the activity bar. */
  async showView(title: string): Promise<void> {
    const icon = this.page.locator(`a[aria-label^="${title}"]`);
    const item = this.page.locator('.activitybar .action-item').filter({ has: icon });
    if ((await item.getAttribute('aria-expanded')) !== 'true') await item.click();
  }

  /** What a screen reader says of each row of the side bar. */
  async treeLabels(): Promise<string[]> {
    const rows = await this.page.locator('.part.sidebar .monaco-list-row').all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('aria-label')) ?? ''));
  }

  /** A row of the explorer, of a tree view or of the Test Explorer. */
  treeItem(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row', { hasText: text }).first();
  }

  async expand(text: string | RegExp): Promise<void> {
    const item = this.treeItem(text);
    if ((await item.getAttribute('aria-expanded')) === 'true') return;
    await item.locator('.monaco-tl-twistie').click();
  }

  /** The content of the only webview that is open. */
  get webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  get statusBar(): Locator {
    return this.page.locator('.part.statusbar');
  }

  notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-list-item', { hasText: text })
      .first();
  }

  /** A button of a notification that says `text`, which goes from the page into the list of them after a while. */
  async answer(text: string | RegExp, button: string): Promise<void> {
    if (!(await this.notification(text).isVisible())) {
      await this.command('Notifications: Show Notifications');
    }
    await this.page
      .locator('.notification-list-item:visible', { hasText: text })
      .first()
      .locator('.monaco-button', { hasText: button })
      .click();
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box', { hasText: text });
  }
}
