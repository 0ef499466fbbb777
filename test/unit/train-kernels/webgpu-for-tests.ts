/**
 * The GPU engine for its tests, on Chromium's software adapter where that is installed, so that they compute the same
 * everywhere; with EAST_TEST_GPU=1 on the machine's own GPU. Skipped, with a word on why, where there is neither.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openWebgpuEngine, type WebgpuEngine } from '../../../src/core/train/engines/webgpu-engine';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

type Opened = Extract<WebgpuEngine, { engine: unknown }>;

export async function webgpuForTests(): Promise<Opened | undefined> {
  if (process.env['EAST_TEST_GPU'] !== '1' && existsSync(SWIFTSHADER)) {
    process.env['VK_ICD_FILENAMES'] ??= SWIFTSHADER;
  }
  const webgpu = await openWebgpuEngine({ only: ROOT });
  if ('engine' in webgpu) return webgpu;
  process.stdout.write(
    `skipped: no GPU engine: ${webgpu.reason} (chromium brings a software one)\n`,
  );
  return undefined;
}
