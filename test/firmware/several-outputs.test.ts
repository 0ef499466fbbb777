/** A network of several outputs: all lie where the header says, byte for byte as the integer executor has them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codeBytes } from '../../src/core/firmware/code-size';
import { chosenFormats } from '../../src/core/firmware/encoded-model';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { verifyFirmware } from '../../src/core/firmware/verify';
import { writeSources } from '../../src/core/firmware/write-sources';
import { buildGraph } from '../../src/core/graph/build';
import { outputSize, type Graph } from '../../src/core/graph/graph';
import { checkGraph } from '../../src/core/graph/stored-graph';
import { flashUsage } from '../../src/core/plan/usage';
import { createExecutor } from '../../src/core/quant/executor';
import { createFastExecutor } from '../../src/core/quant/fast-executor';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { haveTools } from './require-tools';

const TARGET = firmwareTarget();
const folder = mkdtempSync(join(tmpdir(), 'east-outputs-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What is early, what a layer may write over, and the end. */
const graph: Graph = {
  ...buildGraph({
    input: [6, 5, 2],
    classes: 3,
    layers: [
      { type: 'conv2d', name: 'early', filters: 4, kernel: 3, padding: 'same' },
      { type: 'conv2d', name: 'middle', filters: 4, kernel: 3, padding: 'same' },
      { type: 'add', name: 'sum', inputs: ['early', 'middle'] },
      { type: 'globalAveragePool', name: 'pool' },
      { type: 'dense', name: 'end', units: 3 },
    ],
  }),
  outputs: ['end', 'early', 'sum'],
};

describe('several outputs', () => {
  it('are all given by both executors, in their order', () => {
    const { model } = emitRandom(graph, { name: 'several', seed: 3 });
    const { inputs } = randomVectors(model, 4, 9);
    const slow = createExecutor(model);
    const fast = createFastExecutor(model);
    for (const input of inputs) {
      const output = slow.run(input);
      expect(output).toHaveLength(outputSize(graph));
      const parts = ['end', 'early', 'sum'].flatMap((name) => [...slow.tensor(name)]);
      expect([...output]).toEqual(parts);
      expect([...fast.run(input)]).toEqual(parts);
    }
  });

  it('are read back with the network, and refused where no layer is called so', () => {
    expect(checkGraph(JSON.parse(JSON.stringify(graph)))).toEqual({ value: graph });
    expect(checkGraph({ ...graph, outputs: ['end', 'nowhere', 'sum', 'early'] })).toEqual({
      problem: 'outputs: no layer is called nowhere',
    });
    expect(checkGraph({ ...graph, outputs: ['early'] })).toEqual({
      problem: 'layers.4: nothing reads it',
    });
  });

  const tools = haveTools(HOST_COMPILER, TARGET.compiler, TARGET.simulator.tool);
  it.skipIf(!tools)(
    'lie in C where the header says, on this machine and on the target',
    async () => {
      const emitted = emitRandom(graph, { name: 'several', seed: 7 });
      const directory = join(folder, 'several');
      writeSources(directory, emitted.files);
      const header = readFileSync(join(directory, 'several_model.h'), 'utf8');
      expect(header).toContain('#define SEVERAL_OUTPUT_COUNT 3\n');
      expect(header).toContain('#define SEVERAL_OUTPUT_1_OFFSET 3\n');
      expect(header).toContain('#define SEVERAL_OUTPUT_2_OFFSET 123\n');
      const report = await verifyFirmware({
        directory,
        name: 'several',
        vectors: randomVectors(emitted.model, 6, 3),
        target: TARGET,
      });
      expect([report.host, report.sanitizers, report.onTarget].map(({ status }) => status)).toEqual(
        ['passed', 'passed', 'passed'],
      );
      const code = await codeBytes(graph, chosenFormats(emitted.encoded), TARGET);
      // What copies the further outputs is counted as a little more than it is, never as less.
      const left =
        flashUsage(emitted.encoded, code, TARGET).total - (report.cost?.flash.flash ?? 0);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left).toBeLessThan(48);
    },
  );
});
