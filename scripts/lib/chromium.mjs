// The browser that shows the dashboard and the workbench in tests.
import { existsSync } from 'node:fs';

const PLACES = [
  process.env.EAST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Absolute path of a Chromium, or undefined. EAST_CHROMIUM names another than the usual ones. */
export function findChromium() {
  return PLACES.find((file) => file !== undefined && existsSync(file));
}
