/** The native engine for its tests, which are skipped, with a word on why, where it is not installed. */
import { openNativeEngine } from '../../../src/core/train/engines/native-engine';
import { nativeFolder, readInstallation } from '../../../src/core/train/engines/native-folder';
import type { Engine } from '../../../src/core/train/engines/engine';

/** The tests' own environment hides it (vitest.config.ts). */
const folder = nativeFolder({
  ...process.env,
  EAST_NATIVE_FOLDER: process.env['EAST_TEST_NATIVE'],
});

/** undefined where it is not installed; an installation that does not work fails the tests. */
export async function nativeForTests(threads = 2): Promise<Engine | undefined> {
  if (readInstallation(folder) === undefined) {
    process.stdout.write(`skipped: no native engine in ${folder} ("east engine install native")\n`);
    return undefined;
  }
  const native = await openNativeEngine({ only: folder, threads });
  if ('engine' in native) return native.engine;
  throw new Error(native.reason, { cause: native.cause });
}
