/** Scripts that go through the C preprocessor before the linker reads them, as boards share them. */
import { dirname } from 'node:path';
import { UserError } from '../../util/errors';
import { excerpt, runProgram } from '../compile';
import { firmwareTarget } from '../targets/targets';
import { findTool, HOST_COMPILER } from '../toolchain';

const DIRECTIVE = /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif|define|undef|include|error)\b/m;

/** The first line for the preprocessor, where there is one: a script without is read as it is. */
export function preprocessorLine(
  text: string,
): { readonly directive: string; readonly line: number } | undefined {
  // Comments, but not file name patterns such as *drivers/*(.text).
  const code = text.replace(/(^|\s)\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
  const match = DIRECTIVE.exec(code);
  if (match === null) return undefined;
  const line = code.slice(0, match.index).split('\n').length;
  return { directive: `#${match[1]!}`, line };
}

export interface Preprocessed {
  /** With line markers, so that problems are told with the line of the script. */
  readonly text: string;
  /** Absolute or relative paths of the files that went in, as the preprocessor names them. */
  readonly files: readonly string[];
}

export const INSTEAD_OF_PREPROCESSING =
  'give what the build makes of it as firmware.linkerScript (Zephyr: build/zephyr/linker.cmd), or leave that out and name the map of the build as firmware.mapFile';

/**
 * Runs the preprocessor as `gcc -E` does, without any -D of the build's.
 *
 * @throws UserError in one sentence where there is no compiler or it fails
 */
export async function preprocess(file: string, text: string): Promise<Preprocessed> {
  const found = preprocessorLine(text);
  const where = found === undefined ? '' : ` (${found.directive} in line ${found.line})`;
  const { compiler } = firmwareTarget();
  const cross = findTool(compiler);
  const program = cross ?? findTool(HOST_COMPILER);
  if (program === undefined) {
    throw new UserError(
      `it goes through the C preprocessor${where}, and no compiler is there to run it; install one (${compiler.install}), or ${INSTEAD_OF_PREPROCESSING}`,
    );
  }
  // The host's own macros (unix, linux) have no business in firmware's scripts.
  const macros = cross === undefined ? ['-undef'] : [];
  const options = ['-E', ...macros, '-nostdinc', '-x', 'c', '-I', dirname(file), file];
  const result = await runProgram(program, options, { timeoutSeconds: 60 });
  if (result.code !== 0) {
    const said = excerpt({ ...result, stdout: '' }, 20);
    const error = /^.*?:\s*(?:fatal )?error: (.*)$/m.exec(said)?.[1] ?? said.split('\n')[0] ?? '';
    throw new UserError(
      `it goes through the C preprocessor${where}, which fails without the build's options: ${error}; ${INSTEAD_OF_PREPROCESSING}`,
    );
  }
  const names = [...result.stdout.matchAll(/^# \d+ "([^"\n]*)"/gm)].map(([, name]) => name!);
  const files = [...new Set(names)].filter((name) => !/^<.*>$/.test(name));
  return { text: result.stdout, files };
}
