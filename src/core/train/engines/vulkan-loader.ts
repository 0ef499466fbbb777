/**
 * Whether Vulkan's loader is there, asked before Dawn is loaded: where it is not, Dawn writes lines of its own about it, with
 * paths of the machine that it was built on, past everything that could hold them back.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const LIBRARY = 'libvulkan.so.1';

/** True where it cannot be told, and on systems whose graphics do not go through Vulkan. */
export function hasVulkanLoader(): boolean {
  return loaderIn(process.platform, cachedLibraries(), process.env['LD_LIBRARY_PATH']);
}

/**
 * @param libraries what `ldconfig -p` prints; undefined where it cannot be asked
 * @param searchPath further folders, as in LD_LIBRARY_PATH
 */
export function loaderIn(
  platform: NodeJS.Platform,
  libraries: string | undefined,
  searchPath: string | undefined,
): boolean {
  if (platform !== 'linux' || libraries === undefined) return true;
  const folders = (searchPath ?? '').split(delimiter).filter((folder) => folder !== '');
  return libraries.includes(LIBRARY) || folders.some((folder) => existsSync(join(folder, LIBRARY)));
}

/** What the dynamic linker knows; undefined where it cannot be asked (musl has no such list). */
function cachedLibraries(): string | undefined {
  for (const program of ['/sbin/ldconfig', 'ldconfig']) {
    const { status, stdout } = spawnSync(program, ['-p'], { encoding: 'utf8' });
    if (status === 0) return stdout;
  }
  return undefined;
}
