/** What is committed of struct sizes, held against the compiler of every target, whichever version of it is here. */
import { describe, expect, it } from 'vitest';
import { measureStructs } from '../../src/core/firmware/measure-structs';
import { structBytes } from '../../src/core/firmware/struct-bytes';
import { TARGETS } from '../../src/core/firmware/targets/targets';
import { haveTools } from './require-tools';

describe.each(Object.entries(TARGETS))('structs of the C runtime on %s', (_, target) => {
  it.runIf(haveTools(target.compiler, target.sizeProgram))('are as large as is known', async () => {
    const measured = await measureStructs(target);
    expect(Object.keys(measured ?? {}).length).toBeGreaterThan(10);
    expect(measured).toEqual(target.codeSizes.structs);
  });

  it('that nobody measured are no size of anything', () => {
    expect(() => structBytes('east_nothing', target)).toThrow(/struct east_nothing/);
  });
});
