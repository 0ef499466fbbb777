// Draws media/icon.png from media/icon.svg with an installed Chromium (CHROME_PATH, default `chromium`). Run by hand.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const SIZE = 256;
const media = join(dirname(fileURLToPath(import.meta.url)), '..', 'media');
const svg = await readFile(join(media, 'icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: SIZE, height: SIZE } });
await page.setContent(`<style>body { margin: 0; } svg { display: block; }</style>${svg}`);
await page.screenshot({ path: join(media, 'icon.png'), omitBackground: true });
await browser.close();
