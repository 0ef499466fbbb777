/** Networks that listen through a front end: raw samples to output bytes on the host and on the target. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codeBytes } from '../../src/core/firmware/code-size';
import { chosenFormats } from '../../src/core/firmware/encoded-model';
import { readSelfTest } from '../../src/core/firmware/selftest-vectors';
import { sourceSizes } from '../../src/core/firmware/source-sizes';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { verifyFirmware, type VerificationReport } from '../../src/core/firmware/verify';
import { writeSources } from '../../src/core/firmware/write-sources';
import type { FrontendConfig } from '../../src/core/frontends/config';
import { computeFeatures, featureShape, measureFrontend } from '../../src/core/frontends/frontends';
import { alongStream } from '../../src/core/graph/stream';
import { loadModel } from '../../src/core/models/models';
import { frontendCost } from '../../src/core/plan/frontend-cost';
import { withFrontend } from '../../src/core/plan/frontend-ram';
import { flashUsage } from '../../src/core/plan/usage';
import { frontend, FRONTENDS, rawExamples } from '../unit/frontends/examples';
import { emitRandom, rawVectors, type EmittedModel } from '../unit/firmware/random-model';
import { haveTools } from './require-tools';

const TARGET = firmwareTarget();
const ready = haveTools(HOST_COMPILER, TARGET.compiler, TARGET.sizeProgram, TARGET.simulator.tool);
const folder = mkdtempSync(join(tmpdir(), 'east-frontend-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function emitted(name: string, config: FrontendConfig): EmittedModel {
  const [frames, features] = featureShape(config);
  const { graph } = loadModel({
    input: [frames, features, 1],
    classes: 3,
    layers: [
      { type: 'conv2d', filters: 4, kernel: 3, stride: 2, activation: 'relu' },
      { type: 'globalAveragePool' },
      { type: 'dense', units: 3 },
    ],
  });
  const raw = rawExamples(config);
  const measured = measureFrontend(
    config,
    raw.map((samples) => computeFeatures(config, samples)),
  );
  return emitRandom(graph, { name, frontend: measured });
}

async function verified(
  name: string,
  config: FrontendConfig,
): Promise<{ report: VerificationReport; model: EmittedModel }> {
  const model = emitted(name, config);
  const directory = join(folder, name);
  writeSources(directory, model.files);
  const vectors = rawVectors(model.model, rawExamples(config, 2).slice(3));
  const report = await verifyFirmware({ directory, name, vectors, target: TARGET });
  return { report, model };
}

describe.runIf(ready)('a network behind a front end', () => {
  it.each(['log-mel', 'mfcc', 'spectrum', 'window'])(
    '%s gives the same features and outputs from raw samples, and takes what was computed',
    async (kind) => {
      const config = FRONTENDS[kind]!;
      const name = `ear_${kind.replace('-', '_')}`;
      const { report, model } = await verified(name, config);
      expect(report).toMatchObject({ passed: true, complete: true });
      const { encoded, plan } = model;
      const code = await codeBytes(
        encoded.model.graph,
        chosenFormats(encoded),
        TARGET,
        encoded.model.frontend?.config,
      );
      const { weights, biases, tables, code: bytes } = flashUsage(encoded, code, TARGET);
      expect({ weights, biases, tables, code: bytes }).toEqual({
        weights: report.cost?.flash.weights,
        biases: report.cost?.flash.biases,
        tables: report.cost?.flash.tables,
        code: report.cost?.flash.code,
      });
      const ram = withFrontend(plan, config).total;
      expect(report.cost?.ramBytes).toBe(ram);
      expect(sourceSizes(join(folder, name), name)?.ram).toBe(ram);
      // What forecast and report say of it by estimate.
      const cost = frontendCost(
        config,
        encoded.model.graph,
        code,
        withFrontend(plan, config),
        TARGET,
      );
      const estimated = cost!.instructions * cost!.frames.window;
      expect(estimated / report.cost!.frontend!.instructions).toBeGreaterThan(0.88);
      expect(estimated / report.cost!.frontend!.instructions).toBeLessThan(1.12);
      expect(cost!.ram).toBe(ram - plan.ram.total);
    },
  );

  it('is verified by what the sources carry', () => {
    const config = FRONTENDS['mfcc']!;
    const model = emitted('carried', config);
    const directory = join(folder, 'carried');
    writeSources(directory, model.files);
    const raw = rawExamples(config).slice(-2);
    expect(readSelfTest(directory, 'carried')).toEqual(rawVectors(model.model, raw));
  });

  it('is found wrong where a table of the front end is another', async () => {
    const config = FRONTENDS['log-mel']!;
    const model = emitted('deaf', config);
    const text = model.files.get('deaf_model.c')!;
    const changed = text.replace(
      /(deaf_front_weights\[\d+\] = \{\s*\/\* weights \*\/\s*\d+,)\d+,/,
      '$11,',
    );
    expect(changed).not.toBe(text);
    const directory = join(folder, 'deaf');
    writeSources(directory, new Map([...model.files, ['deaf_model.c', changed]]));
    const vectors = rawVectors(model.model, rawExamples(config).slice(-3));
    const report = await verifyFirmware({ directory, name: 'deaf', vectors, target: TARGET });
    expect(report.host).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/self-test|features differ/),
    });
  });

  describe('along a stream', () => {
    function listening(
      name: string,
      config: FrontendConfig,
      step: number,
      padding: 'valid' | 'causal' = 'valid',
    ): EmittedModel {
      const [frames, features] = featureShape(config);
      const before = padding === 'causal' ? 2 : 0;
      const { graph } = loadModel({
        input: [frames, features, 1],
        classes: 3,
        layers: [
          { type: 'conv2d', filters: 4, kernel: 3, padding: [before, 0, 1, 1], activation: 'relu' },
          { type: 'depthwiseConv2d', kernel: [2, 3], padding: [before && 1, 0, 1, 1] },
          { type: 'globalAveragePool' },
          { type: 'dense', units: 3 },
        ],
      });
      const features0 = rawExamples(config).map((samples) => computeFeatures(config, samples));
      return emitRandom(alongStream(graph, step), {
        name,
        frontend: measureFrontend(config, features0),
      });
    }

    it.each([
      ['log-mel', 1, 'valid'],
      ['log-mel', 3, 'causal'],
      ['mfcc', 2, 'valid'],
      ['apart', 2, 'valid'],
      ['window', 8, 'valid'],
    ] as const)(
      '%s, a step of %i frames, %s: from raw samples, hop by hop, to the bytes of training',
      async (kind, step, padding) => {
        const config = FRONTENDS[kind]!;
        const name = `hear_${kind.replace('-', '_')}_${step}`;
        const { files, model, encoded, plan } = listening(name, config, step, padding);
        const directory = join(folder, name);
        writeSources(directory, files);
        const vectors = rawVectors(model, rawExamples(config, 2).slice(6));
        expect(vectors.stream?.recorded?.samples).toHaveLength(vectors.stream!.inputs.length);
        const report = await verifyFirmware({ directory, name, vectors, target: TARGET });
        expect(report).toMatchObject({
          host: { status: 'passed' },
          sanitizers: { status: 'passed' },
          onTarget: { status: 'passed' },
        });
        const cost = report.cost!;
        const code = await codeBytes(encoded.model.graph, chosenFormats(encoded), TARGET, config);
        const flash = flashUsage(encoded, code, TARGET);
        expect(cost.flash).toMatchObject({
          weights: flash.weights,
          biases: flash.biases,
          tables: flash.tables,
          code: flash.code,
        });
        expect(cost.ramBytes).toBe(withFrontend(plan, config).total);
        expect(cost.instructionsPerStep).toBeLessThan(cost.instructionsPerInference);
        expect(cost.frontend?.instructionsPerHop).toBeGreaterThan(0);
      },
    );

    it('is verified from raw samples on by what the sources carry', async () => {
      const config = FRONTENDS['log-mel']!;
      const { files, model } = listening('clone', config, 3);
      const directory = join(folder, 'clone');
      writeSources(directory, files);
      const vectors = readSelfTest(directory, 'clone');
      const carried = rawVectors(model, rawExamples(config).slice(-2));
      expect(vectors.stream?.recorded?.samples.length).toBe(carried.stream?.inputs.length);
      expect(vectors.stream?.recorded).toEqual(carried.stream?.recorded);
      const report = await verifyFirmware({ directory, name: 'clone', vectors, target: TARGET });
      expect(report).toMatchObject({ passed: true, complete: true });
      expect(report.cost?.frontend?.instructionsPerHop).toBeGreaterThan(1000);
    });

    it('is found wrong by its self-test where it forgets a hop', async () => {
      const config = FRONTENDS['mfcc']!;
      const { files, model } = listening('forgetful', config, 2);
      const source = files.get('forgetful_model.c')!;
      const changed = source.replace(
        '*forgetful_front.pushes -= ',
        '*forgetful_front.pushes = 0 * ',
      );
      expect(changed).not.toBe(source);
      const directory = join(folder, 'forgetful');
      writeSources(directory, new Map([...files, ['forgetful_model.c', changed]]));
      const vectors = rawVectors(model, rawExamples(config, 2).slice(-3));
      const report = await verifyFirmware({
        directory,
        name: 'forgetful',
        vectors,
        target: TARGET,
      });
      expect(report.host).toMatchObject({
        status: 'failed',
        message: expect.stringContaining('self-test'),
      });
    });

    it('is found wrong where a hop of samples gives another output', async () => {
      const config = FRONTENDS['mfcc']!;
      const { files, model } = listening('misheard', config, 2);
      const directory = join(folder, 'misheard');
      writeSources(directory, files);
      const vectors = rawVectors(model, rawExamples(config, 2).slice(-3));
      const stream = vectors.stream!;
      const recorded = stream.recorded!;
      const samples = recorded.samples.map((part, i) =>
        i === 5 ? part.map((s) => -s >> 3) : part,
      );
      const report = await verifyFirmware({
        directory,
        name: 'misheard',
        vectors: { ...vectors, stream: { ...stream, recorded: { ...recorded, samples } } },
        target: TARGET,
      });
      expect(report.host).toMatchObject({
        status: 'failed',
        message: 'the outputs of the stream, hop by hop, differ from those of training',
      });
    });
  });

  it('costs little beside a network for keywords', async () => {
    const config = frontend({ kind: 'log-mel', sampleRate: 16000, length: '1 s' });
    const { report } = await verified('keyword', config);
    expect(report).toMatchObject({ passed: true, complete: true });
    const { instructions = Infinity, instructionsPerHop = Infinity } = report.cost?.frontend ?? {};
    expect(instructions).toBeLessThan(49 * 65_000);
    expect(instructionsPerHop).toBeLessThan(70_000);
  });
});
