/** What the header offers of a task computes what training saw, to the bit where it is in integers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram, WARNINGS } from '../../src/core/firmware/compile';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { verifyFirmware } from '../../src/core/firmware/verify';
import { writeSources } from '../../src/core/firmware/write-sources';
import { INPUT, outputTensors } from '../../src/core/graph/graph';
import { loadModel } from '../../src/core/models/models';
import { tensorOf } from '../../src/core/quant/model';
import { reconstructionScore, scoreFactors } from '../../src/core/tasks/anomaly/score';
import { taskOf } from '../../src/core/tasks/tasks';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { haveTools } from './require-tools';

const TARGET = firmwareTarget();
const folder = mkdtempSync(join(tmpdir(), 'east-task-functions-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const host = haveTools(HOST_COMPILER);

/** What a program prints that includes the model's header, compiled with warnings as errors and sanitizers. */
async function printed(
  name: string,
  files: ReadonlyMap<string, string>,
  statements: string,
): Promise<string[]> {
  const directory = join(folder, name);
  mkdirSync(directory);
  for (const [file, text] of files)
    if (file.endsWith('.h')) writeFileSync(join(directory, file), text);
  const source = join(directory, 'main.c');
  writeFileSync(
    source,
    `#include "${name}_model.h"\n#include <stdio.h>\nint main(void)\n{\n${statements}    return 0;\n}\n`,
  );
  const program = join(directory, 'main');
  const options = [
    ...WARNINGS,
    '-fsanitize=undefined',
    '-fno-sanitize-recover=all',
    '-I',
    directory,
  ];
  const built = await runProgram(findTool(HOST_COMPILER)!, [...options, source, '-o', program]);
  expect(built.stderr).toBe('');
  const run = await runProgram(program, []);
  expect(run.stderr).toBe('');
  return run.stdout.trim().split('\n');
}

function array(name: string, values: Int8Array): string {
  return `    static const int8_t ${name}[] = {${values.join(', ')}};\n`;
}

describe.skipIf(!host)('functions of a task in C', () => {
  const dense = (outputs: number) =>
    loadModel({ architecture: 'mlp', width: 4, input: [1, 1, 6], outputs }).graph;

  it('give the numbers of a regression', async () => {
    const facts = { targets: { mean: [100.25, -3], std: [20, 0.5] } };
    const { model, files } = emitRandom(dense(2), { name: 'numbers', task: 'regression', facts });
    const { scale, zeroPoint } = tensorOf(model, outputTensors(model.graph)[0]!);
    const codes = Int8Array.of(-128, 127);
    const answer = new Float32Array(2);
    taskOf('regression', facts).read(
      Array.from(codes, (code) => (code - zeroPoint) * scale),
      answer,
    );
    const lines = await printed(
      'numbers',
      files,
      array('output', codes) +
        '    printf("%.9g\\n%.9g\\n", (double)numbers_value(output, 0), (double)numbers_value(output, 1));\n',
    );
    lines.forEach((line, i) => {
      // Single precision, a few roundings.
      expect(Math.abs(Number(line) - answer[i]!)).toBeLessThan(1e-5 * Math.abs(answer[i]!) + 1e-4);
    });
  });

  it('detect above the threshold alone', async () => {
    const graph = dense(1);
    const { model } = emitRandom(graph, { name: 'alarm' });
    const { scale, zeroPoint } = tensorOf(model, outputTensors(graph)[0]!);
    const facts = { threshold: (20.5 - zeroPoint) * scale };
    const { files } = emitRandom(graph, { name: 'alarm', task: 'binary', facts });
    const codes = Int8Array.of(-128, 20, 21, 127);
    const lines = await printed(
      'alarm',
      files,
      array('output', codes) +
        '    unsigned i;\n    for (i = 0; i < 4; i++) {\n        printf("%d\\n", alarm_detected(output + i));\n    }\n',
    );
    expect(lines).toEqual(['0', '0', '1', '1']);
  });

  it('score what an autoencoder rebuilds exactly as training does', async () => {
    const graph = loadModel({
      architecture: 'autoencoder',
      width: 8,
      bottleneck: 2,
      input: [1, 1, 30],
      outputs: 30,
    }).graph;
    const { model } = emitRandom(graph, { name: 'odd' });
    const scales = {
      input: tensorOf(model, INPUT),
      output: tensorOf(model, outputTensors(graph)[0]!),
    };
    const { inputs, outputs } = randomVectors(model, 6, 3);
    const scores = inputs.map((input, i) => reconstructionScore(input, outputs[i]!, scales));
    const middle = [...scores].sort((a, b) => a - b)[2]!;
    const facts = { threshold: (middle + 0.5) * scoreFactors(scales.input, scales.output).scale };
    const emitted = emitRandom(graph, { name: 'odd', task: 'anomaly', facts });
    const lines = await printed(
      'odd',
      emitted.files,
      inputs
        .map(
          (input, i) =>
            `    {\n${array('input', input)}${array('output', outputs[i]!)}` +
            '    printf("%lu %d\\n", (unsigned long)odd_score(input, output), odd_is_anomaly(input, output));\n    }\n',
        )
        .join(''),
    );
    expect(lines).toEqual(scores.map((score) => `${score} ${score > middle ? 1 : 0}`));

    // And on the target: verification adds up the scores there.
    if (!haveTools(TARGET.compiler, TARGET.simulator.tool)) return;
    const directory = join(folder, 'odd-sources');
    writeSources(directory, emitted.files);
    const verify = (sum: number) =>
      verifyFirmware({
        directory,
        name: 'odd',
        vectors: { inputs, outputs },
        scores: sum,
        target: TARGET,
      });
    const sum = scores.reduce((a, b) => a + b, 0);
    const { host: here, sanitizers, onTarget } = await verify(sum);
    expect([here, sanitizers, onTarget].map(({ status }) => status)).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
    expect((await verify(sum + 1)).onTarget).toMatchObject({ status: 'failed' });
  });
});
