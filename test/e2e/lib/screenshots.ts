// One picture of every step in the dark and in the light theme, numbered in the order in which they were taken.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { outputFolder } from './environment';

/** Classes of the workbench; the themes themselves are the editor's defaults. */
const MARKER = { light: '.monaco-workbench.vs', dark: '.monaco-workbench.vs-dark' } as const;

let taken = 0;

export class Screenshots {
  constructor(private readonly page: Page) {}

  async take(name: string, clip?: Locator): Promise<void> {
    taken++;
    const file = `${String(taken).padStart(2, '0')}-${name}.png`;
    // Nothing is pointed at.
    await this.page.mouse.move(0, 0);
    // Dark last: the theme that all tests start with.
    for (const theme of ['light', 'dark'] as const) {
      const folder = path.join(outputFolder, 'screenshots', theme);
      await mkdir(folder, { recursive: true });
      // The editor follows the system's colours, which changes nothing else in it: no focus, no menu.
      await this.page.emulateMedia({ colorScheme: theme });
      await this.page.locator(MARKER[theme]).waitFor();
      const picture = { path: path.join(folder, file), animations: 'disabled' } as const;
      await (clip ?? this.page).screenshot(picture);
    }
  }

  /** Of a failure, as it looks at that moment. */
  async failure(name: string): Promise<void> {
    const folder = path.join(outputFolder, 'failures');
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
