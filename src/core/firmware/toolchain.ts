/** Finds the compilers and the simulator that verification uses, and says what to type where one is missing. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Tool {
  /** What it is called in messages. */
  readonly name: string;
  /** Programs that will do, best first. */
  readonly programs: readonly string[];
  /** A line to type on Debian and Ubuntu. */
  readonly install: string;
}

export const HOST_COMPILER: Tool = {
  name: 'a C compiler (gcc or clang)',
  programs: ['gcc', 'clang', 'cc'],
  install: 'sudo apt-get install gcc libc6-dev',
};

/** Path of the first of the tool's programs on PATH, or undefined. */
export function findTool(tool: Tool, path = process.env['PATH'] ?? ''): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  for (const program of tool.programs) {
    for (const folder of folders) {
      for (const ending of endings) {
        const file = join(folder, program + ending);
        if (isExecutable(file)) return file;
      }
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
