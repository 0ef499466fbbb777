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
import { buildGraph } from '../../src/core/graph/build';
import { INPUT, outputTensors, type Graph } from '../../src/core/graph/graph';
import { loadModel } from '../../src/core/models/models';
import type { Layer } from '../../src/core/ops/graph-ops';
import type { Shape } from '../../src/core/ops/shape';
import { createExecutor } from '../../src/core/quant/executor';
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

describe('indices of the largest in the header', () => {
  const index = (name: string, scores: string, [height, width, channels]: Shape): Layer => ({
    kind: 'argmax',
    name,
    inputs: [scores],
    inputShape: [height, width, channels],
    outputShape: [height, width, 1],
  });
  const scoring = buildGraph({
    input: [2, 3, 5],
    classes: 200,
    layers: [
      { type: 'conv2d', name: 'map', filters: 4, kernel: 1 },
      { type: 'globalAveragePool', name: 'pool' },
      { type: 'dense', name: 'many', units: 200 },
    ],
  });
  const ending = (ends: readonly Layer[], outputs?: readonly string[]): Graph => ({
    ...scoring,
    layers: [...scoring.layers, ...ends],
    ...(outputs && { outputs }),
  });
  const ofMap = index('ofMap', 'map', [2, 3, 4]);
  const ofMany = index('ofMany', 'many', [1, 1, 200]);
  const header = (files: ReadonlyMap<string, string>) => files.get('which_model.h')!;

  it.skipIf(!host)('of two outputs are each read by their own zero point', async () => {
    const graph = ending([ofMap, ofMany], ['ofMap', 'ofMany']);
    const { model, files } = emitRandom(graph, { name: 'which' });
    expect(['ofMap', 'ofMany'].map((name) => tensorOf(model, name).zeroPoint)).toEqual([0, -128]);
    expect(header(files)).not.toMatch(/WHICH_INDEX_COUNT|which_index|CLASS_NAMES/);
    const executor = createExecutor(model);
    const largest = (scores: Int8Array) => scores.indexOf(Math.max(...scores));
    const { inputs } = randomVectors(model, 5, 3);
    const runs = inputs.map((input) => {
      const output = executor.run(input).slice();
      const map = executor.tensor('map');
      const ofPlaces = [0, 1, 2, 3, 4, 5].map((i) => largest(map.slice(4 * i, 4 * i + 4)));
      return { output, indices: [...ofPlaces, largest(executor.tensor('many'))] };
    });
    const loop = `    for (i = 0; i < WHICH_OUTPUT_0_BYTES; i++) {
        printf("%u\\n", which_output_0_index(output[WHICH_OUTPUT_0_OFFSET + i]));
    }
    printf("%u\\n", which_output_1_index(output[WHICH_OUTPUT_1_OFFSET]));
`;
    const lines = await printed(
      'which',
      files,
      '    printf("%d %d\\n", WHICH_OUTPUT_0_INDEX_COUNT, WHICH_OUTPUT_1_INDEX_COUNT);\n' +
        '    printf("%u %u\\n", which_output_0_index(3), which_output_1_index(-128));\n' +
        '    printf("%u\\n", which_output_1_index(71));\n' +
        runs
          .map(({ output }) => `    {\n    unsigned i;\n${array('output', output)}${loop}    }\n`)
          .join(''),
    );
    expect(lines).toEqual(['4 200', '3 0', '199', ...runs.flatMap((r) => r.indices).map(String)]);
  });

  it('are told of behind scores', () => {
    const text = header(emitRandom(ending([ofMany], ['many', 'ofMany']), { name: 'which' }).files);
    expect(text).toContain(' * Output 0: score = ');
    expect(text).toContain(' * Output 1: the index of the largest of 200 scores, ');
    expect(text).toContain(
      ' * int8 - WHICH_OUTPUT_1_ZERO_POINT, from 0 on; which_output_1_index()',
    );
    expect(text).toContain('#define WHICH_OUTPUT_1_INDEX_COUNT 200\n');
    expect(text).toContain('static inline unsigned which_output_1_index(int8_t output)\n');
    expect(text).not.toMatch(/OUTPUT_0_INDEX|output_0_index/);
  });

  it('are told of as those of the first output where scores lie behind them', () => {
    const text = header(emitRandom(ending([ofMap], ['ofMap', 'many']), { name: 'which' }).files);
    expect(text).toContain(
      ' * Output 0: the index of the largest of 4 scores, of equal ones the first; each of 2 x 3, ',
    );
    expect(text).toContain('#define WHICH_OUTPUT_0_INDEX_COUNT 4\n');
    expect(text).not.toMatch(/Output:|OUTPUT_1_INDEX|output_1_index/);
  });

  it('keep their short names where there is nothing else', () => {
    const outputNames = Array.from({ length: 200 }, (_, i) => `class ${i}`);
    const text = header(emitRandom(ending([ofMany]), { name: 'which', outputNames }).files);
    expect(text).toContain(' * Output: the index of the largest of 200 scores, ');
    expect(text).toContain('#define WHICH_INDEX_COUNT 200\n');
    expect(text).toContain('#define WHICH_CLASS_NAMES ');
    expect(text).toContain('return (unsigned)(output - WHICH_OUTPUT_ZERO_POINT);\n');
  });
});
