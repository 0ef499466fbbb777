/** What is counted as code and lies with the constants: that the allowance for it is enough, however many kernels there are. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CODE_OPTIONS } from '../../../src/core/firmware/compile';
import { KERNEL_CONSTANTS } from '../../../src/core/firmware/linker/rooms';
import {
  allRuntimeHeaders,
  allRuntimeSources,
  runtimeFile,
} from '../../../src/core/firmware/runtime-files';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { findTool } from '../../../src/core/firmware/toolchain';
import { haveTools } from '../require-tools';

const TARGET = firmwareTarget();

it.runIf(haveTools(TARGET.compiler, TARGET.sizeProgram))(
  'all constants inside kernels together are within the allowance',
  () => {
    const { options, codeSizes } = TARGET;
    const compiler = findTool(TARGET.compiler) ?? '';
    const sizeProgram = findTool(TARGET.sizeProgram) ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'east-constants-'));
    try {
      for (const header of allRuntimeHeaders()) {
        writeFileSync(join(folder, `${header}.h`), runtimeFile(`${header}.h`));
      }
      // Those of the interface, which is made for each model, are in the table as well.
      const kernels = allRuntimeSources();
      const files = Object.keys(codeSizes.files).filter((file) => kernels.includes(file));
      for (const file of files) writeFileSync(join(folder, `${file}.c`), runtimeFile(`${file}.c`));
      const sources = files.map((file) => `${file}.c`);
      const at = { cwd: folder, encoding: 'utf8' } as const;
      execFileSync(compiler, [...options, '-std=c99', ...CODE_OPTIONS, '-c', ...sources], at);
      const objects = files.map((file) => `${file}.o`);
      const said = execFileSync(sizeProgram, ['-A', ...objects], at);
      const constants = [...said.matchAll(/^\.rodata\S*\s+(\d+)/gm)].map(([, n]) => Number(n));
      const sum = constants.reduce((a, b) => a + b, 0);
      expect(sum).toBeGreaterThan(0);
      expect(sum).toBeLessThanOrEqual(KERNEL_CONSTANTS);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
