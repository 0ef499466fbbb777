/** <name>_selftest.h and .c: known examples that the firmware runs in development. */
import { numbersTable } from './c-text';
import { streamSelfTest } from './stream-source';
import type { Vectors } from './vectors';

export const SELFTEST_HEADER = `/*
 * east_selftest.h - runs a few known examples. Link it in development; it is not part of the flash budget.
 */
#ifndef EAST_SELFTEST_H
#define EAST_SELFTEST_H

#include "east_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Checks the weights' CRC-32 and compares the outputs of the built-in examples with what the trained network gave,
 * byte for byte. EAST_OK, EAST_MISMATCH, or the status of what failed.
 */
enum east_status east_selftest(void);

#ifdef __cplusplus
}
#endif

#endif
`;

export function selfTestSource({ inputs, outputs, stream, raw }: Vectors): string {
  const count = inputs.length;
  const rows = (values: readonly (Int8Array | Int16Array)[]): string =>
    values.map((value, i) => `    {\n${numbersTable(`example ${i}`, value)}\n    },`).join('\n');
  // With a front end from raw samples on, its features compared, too.
  const run =
    raw === undefined
      ? '        status = east_invoke(east_selftest_inputs[i], output);\n'
      : `        status = east_process(east_selftest_samples[i], output);
        if (status == EAST_OK && memcmp(east_features(), east_selftest_inputs[i], EAST_INPUT_BYTES) != 0) {
            status = EAST_MISMATCH;
        }
`;
  const body =
    count === 0
      ? `enum east_status east_selftest(void)
{
    return east_check_weights();
}
`
      : `${
          raw === undefined
            ? ''
            : `static const int16_t east_selftest_samples[${count}][EAST_SAMPLES * EAST_SAMPLE_CHANNELS] = {
${rows(raw)}
};

`
        }static const int8_t east_selftest_inputs[${count}][EAST_INPUT_BYTES] = {
${rows(inputs)}
};

static const int8_t east_selftest_outputs[${count}][EAST_OUTPUT_BYTES] = {
${rows(outputs)}
};

${stream === undefined ? '' : `${streamSelfTest(stream)}\n`}enum east_status east_selftest(void)
{
    static int8_t output[EAST_OUTPUT_BYTES];
    enum east_status status = east_check_weights();
    unsigned i;

    for (i = 0; i < ${count}U && status == EAST_OK; i++) {
${run}        if (status == EAST_OK && memcmp(output, east_selftest_outputs[i], EAST_OUTPUT_BYTES) != 0) {
            status = EAST_MISMATCH;
        }
    }
    return ${stream === undefined ? 'status' : 'status == EAST_OK ? run_stream(output) : status'};
}
`;
  return `/*
 * east_selftest.c - see east_selftest.h.
 */
#include "east_selftest.h"

#include "east_model.h"
${count === 0 ? '' : '\n#include <string.h>\n'}
${body}`;
}
