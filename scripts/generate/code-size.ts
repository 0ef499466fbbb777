/**
 * The table of the C runtime's code sizes that is used where there is no cross compiler. Only the compiler that the table
 * names gives its figures, so another one checks nothing.
 */
import { crossCompilerVersion, measureCodeSize } from '../../src/core/firmware/code-size';
import { CODE_OPTIONS } from '../../src/core/firmware/emit';
import { allRuntimeSources } from '../../src/core/firmware/runtime-files';
import table from '../../src/core/firmware/code-size.json';
import type { GeneratedFile } from './generated-file';

export const codeSize: GeneratedFile = {
  path: 'src/core/firmware/code-size.json',
  async make() {
    const files = await measureCodeSize(allRuntimeSources());
    if (files === undefined) throw new Error('arm-none-eabi-gcc does not work.');
    const options = CODE_OPTIONS.join(' ');
    const measured = { target: 'cortex-m4', compiler: await compiler(), options, files };
    return `${JSON.stringify(measured, null, 2)}\n`;
  },
  async obstacle(purpose) {
    const here = await compiler();
    if (here === undefined) return 'as arm-none-eabi-gcc is missing';
    if (purpose === 'make' || here === table.compiler) return undefined;
    return `as it was measured with ${table.compiler}, and here is ${here}`;
  },
};

async function compiler(): Promise<string | undefined> {
  const version = await crossCompilerVersion();
  return version === undefined ? undefined : `arm-none-eabi-gcc ${version}`;
}
