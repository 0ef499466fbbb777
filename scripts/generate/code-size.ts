/**
 * The tables of the C runtime's sizes, of code and of structs, one for each target: used where there is no cross compiler.
 * Only the compiler that a table names gives its figures, so another one checks nothing.
 */
import { compilerVersion, measureCodeSize } from '../../src/core/firmware/code-size';
import { CODE_OPTIONS } from '../../src/core/firmware/compile';
import { measureStructs } from '../../src/core/firmware/measure-structs';
import { allRuntimeSources } from '../../src/core/firmware/runtime-files';
import type { Target } from '../../src/core/firmware/targets/target';
import { TARGETS } from '../../src/core/firmware/targets/targets';
import type { GeneratedFile } from './generated-file';

export const codeSizes: readonly GeneratedFile[] = Object.entries<Target>(TARGETS).map(
  ([id, target]) => ({
    path: `src/core/firmware/targets/${id}/code-size.json`,
    async make() {
      const files = await measureCodeSize(allRuntimeSources(), target);
      const structs = await measureStructs(target);
      if (files === undefined || structs === undefined) {
        throw new Error(`${target.compiler.name} does not work.`);
      }
      const options = CODE_OPTIONS.join(' ');
      const compiler = await compilerOf(target);
      return `${JSON.stringify({ target: id, compiler, options, files, structs }, null, 2)}\n`;
    },
    async obstacle(purpose) {
      const here = await compilerOf(target);
      if (here === undefined) return `as ${target.compiler.name} is missing`;
      if (purpose === 'make' || here === target.codeSizes.compiler) return undefined;
      return `as it was measured with ${target.codeSizes.compiler}, and here is ${here}`;
    },
  }),
);

async function compilerOf(target: Target): Promise<string | undefined> {
  const version = await compilerVersion(target);
  return version === undefined ? undefined : `${target.compiler.programs[0]} ${version}`;
}
