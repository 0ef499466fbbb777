/**
 * The table of the C runtime's code sizes that is used where there is no cross compiler. Only the compiler that the table
 * names gives its figures, so another one checks nothing.
 */
import { compilerVersion, measureCodeSize } from '../../src/core/firmware/code-size';
import { CODE_OPTIONS } from '../../src/core/firmware/emit';
import { allRuntimeSources } from '../../src/core/firmware/runtime-files';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import type { GeneratedFile } from './generated-file';

const target = firmwareTarget('cortex-m4');

export const codeSize: GeneratedFile = {
  path: 'src/core/firmware/targets/cortex-m4/code-size.json',
  async make() {
    const files = await measureCodeSize(allRuntimeSources(), target);
    if (files === undefined) throw new Error('arm-none-eabi-gcc does not work.');
    const options = CODE_OPTIONS.join(' ');
    const measured = { target: 'cortex-m4', compiler: await compiler(), options, files };
    return `${JSON.stringify(measured, null, 2)}\n`;
  },
  async obstacle(purpose) {
    const here = await compiler();
    if (here === undefined) return 'as arm-none-eabi-gcc is missing';
    if (purpose === 'make' || here === target.codeSizes.compiler) return undefined;
    return `as it was measured with ${target.codeSizes.compiler}, and here is ${here}`;
  },
};

async function compiler(): Promise<string | undefined> {
  const version = await compilerVersion(target);
  return version === undefined ? undefined : `arm-none-eabi-gcc ${version}`;
}
