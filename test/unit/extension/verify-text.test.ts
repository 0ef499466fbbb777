import { describe, expect, it } from 'vitest';
import { firmwareTarget, simulatedName } from '../../../src/core/firmware/targets/targets';
import { HOST_BUILDS, type VerifyTarget } from '../../../src/core/run/actions';
import {
  countText,
  explainFailure,
  failurePlace,
  outcomeLines,
  BUILD_IDS,
  buildId,
} from '../../../src/extension/verify/verify-text';

const passed: VerifyTarget = {
  name: simulatedName(firmwareTarget()),
  result: { status: 'passed' },
  inputs: 32,
  figures: [['instructions per inference', '1,234']],
};
const failed: VerifyTarget = {
  name: HOST_BUILDS.host,
  result: { status: 'failed', message: '3 of 32 outputs differ\nfirst: 4' },
  inputs: 32,
  figures: [],
};
const skipped: VerifyTarget = {
  name: HOST_BUILDS.sanitizers,
  result: { status: 'skipped', missing: 'a C compiler', install: 'sudo apt-get install gcc' },
  inputs: 0,
  figures: [],
};

describe('verification in words', () => {
  it('knows every target by its name', () => {
    expect(
      [...Object.values(HOST_BUILDS), simulatedName(firmwareTarget())].map((name) =>
        buildId({ name }),
      ),
    ).toEqual(BUILD_IDS);
    expect(buildId({ name: 'RISC-V' })).toBeUndefined();
  });

  it('says what passed, failed or is missing, line by line', () => {
    expect(outcomeLines(passed)).toEqual([
      '✓ Cortex-M4 (QEMU): 32 inputs, every output byte as trained',
      '    instructions per inference     1,234',
    ]);
    expect(outcomeLines(failed)).toEqual(['✗ host: 3 of 32 outputs differ', 'first: 4']);
    expect(outcomeLines(skipped)[0]).toMatch(/a C compiler is missing.*sudo apt-get install gcc/);
    expect(countText([passed, skipped, passed])).toBe('2 passed, 1 skipped');
    expect(countText([failed])).toBe('1 failed');
  });

  it('explains failures in front of what was observed', () => {
    const explanation = (message: string) => explainFailure(message).split('\n')[0];
    expect(explanation('/fw/m.c:3:1: error: unused')).toMatch(/do not compile/);
    expect(explanation('3 of 32 outputs differ')).toMatch(/something else than was trained/);
    expect(explanation('ERROR: AddressSanitizer: heap')).toMatch(/sanitizer/);
    expect(explanation('the self-test returned status 3')).toMatch(/self-test/);
    expect(explainFailure('timed out')).toBe('timed out');
  });

  it('finds the place of a failure in the sources, and only there', () => {
    const sources = ['meter_weights.c', 'meter.h'];
    const at = { file: 'meter_weights.c', line: 12, column: 7 };
    expect(failurePlace('/ws/fw/meter_weights.c:12:7: error: x', sources)).toEqual(at);
    expect(failurePlace('C:\\fw\\meter_weights.c:12:7: error: x', sources)).toEqual(at);
    expect(failurePlace('harness.c:1:1: error\nmeter.h:4: note', sources)).toEqual({
      file: 'meter.h',
      line: 4,
      column: 1,
    });
    expect(failurePlace('/tmp/x/harness.c:12:7: error: x', sources)).toBeUndefined();
  });
});
