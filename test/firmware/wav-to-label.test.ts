/**
 * From the bytes of a WAV file to a label and to every byte of the output: by TypeScript, by the generated C on this machine and
 * on a Cortex-M4, of a whole example and along a stream through the application in examples/keyword/firmware.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSound } from '../../src/core/dataset/sound';
import {
  CODE_OPTIONS,
  compileObjects,
  runProgram,
  WARNINGS,
} from '../../src/core/firmware/compile';
import { developmentSources, modelSources } from '../../src/core/firmware/emit';
import { chosenFormats } from '../../src/core/firmware/encoded-model';
import { runtimePath } from '../../src/core/firmware/runtime-files';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { writeSources } from '../../src/core/firmware/write-sources';
import {
  computeFeatures,
  featureShape,
  measureFrontend,
  rawWindow,
} from '../../src/core/frontends/frontends';
import { streamVectors } from '../../src/core/firmware/stream-vectors';
import { alongStream } from '../../src/core/graph/stream';
import { loadModel } from '../../src/core/models/models';
import { createRandom } from '../../src/core/util/random';
import { emitRandom, rawVectors, type EmittedModel } from '../unit/firmware/random-model';
import { frontend, rawExamples } from '../unit/frontends/examples';
import { haveTools } from './require-tools';

const TARGET = firmwareTarget();
const ready = haveTools(HOST_COMPILER, TARGET.compiler, TARGET.simulator.tool);
const folder = mkdtempSync(join(tmpdir(), 'east-wav-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const RATE = 8000;
const LABELS = ['yes', 'no', 'left', 'right', 'silence'];
const STEP = 4;
/** As the keyword example has it, with fewer of everything. */
const config = frontend({
  kind: 'log-mel',
  sampleRate: RATE,
  length: '660 ms',
  window: '32 ms',
  hop: '20 ms',
  bands: 12,
});

/** Sounds that come and go, as a file of 16 bits. */
function wavFile(seconds: number): Buffer {
  const random = createRandom(7);
  const count = RATE * seconds;
  const bytes = Buffer.alloc(44 + 2 * count);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + 2 * count, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(2 * RATE, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * count, 40);
  for (let i = 0; i < count; i++) {
    const loudness = 9000 * (1 + Math.sin(i / 1500));
    const sound = loudness * Math.sin(i * (0.1 + i * 2e-5)) + 300 * random.normal();
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(sound))), 44 + 2 * i);
  }
  return bytes;
}

function listening(): EmittedModel {
  const [frames, features] = featureShape(config);
  // As ds-cnn-streaming begins; a flat end, by which random weights hear differences.
  const { graph } = loadModel({
    input: [frames, features, 1],
    classes: LABELS.length,
    layers: [
      { type: 'conv2d', filters: 8, kernel: [10, 4], stride: 2, padding: [0, 0, 1, 1] },
      { type: 'depthwiseConv2d', kernel: 3, padding: [0, 0, 1, 1], activation: 'relu' },
      { type: 'conv2d', filters: 8, kernel: 1, activation: 'relu' },
      { type: 'flatten' },
      { type: 'dense', units: LABELS.length },
    ],
  });
  const measured = measureFrontend(
    config,
    rawExamples(config).map((samples) => computeFeatures(config, samples)),
  );
  const deployed = alongStream(graph, STEP);
  return emitRandom(deployed, {
    name: 'keyword',
    frontend: measured,
    outputNames: LABELS,
    seed: 6,
    sparsity: 0,
  });
}

function heard(what: string, output: Int8Array): string {
  const best = output.indexOf(Math.max(...output));
  return `${what} ${LABELS[best]} ${Buffer.from(output).toString('hex')}`;
}

describe.runIf(ready)('a WAV file', () => {
  it('is heard the same in TypeScript, in C on this machine and on a Cortex-M4', async () => {
    const file = join(folder, 'sound.wav');
    writeFileSync(file, wavFile(2));
    const { files, model, encoded } = listening();
    const { graph } = encoded.model;

    // In TypeScript, from the file on.
    const sound = await readSound(file, { sampleRate: RATE, channels: 1 });
    const example = rawVectors(model, [sound.data.subarray(0, rawWindow(config).samples)]);
    const stream = streamVectors(model, graph, { ...example, raw: [sound.data] });
    const steps = (stream?.outputs ?? []).flatMap((output) =>
      output === undefined ? [] : [heard('stream', output)],
    );
    expect(steps.length).toBeGreaterThan(10);
    const expected = [heard('example', example.outputs[0]!), ...steps, 'late', 'anew'];
    expect(new Set(expected.map((line) => line.split(' ')[1])).size).toBeGreaterThan(2);

    // In C: the sources, the application and a program around them.
    writeSources(folder, files);
    const application = resolve(import.meta.dirname, '../../examples/keyword/firmware');
    const { simulator } = TARGET;
    for (const name of ['listen.c', 'listen.h']) {
      copyFileSync(join(application, name), join(folder, name));
    }
    for (const name of [
      'platform.h',
      'platform_host.c',
      simulator.platform,
      simulator.linkerScript,
    ]) {
      copyFileSync(runtimePath(name), join(folder, name));
    }
    copyFileSync(join(import.meta.dirname, 'wav_program.c'), join(folder, 'wav_program.c'));
    const sources = [
      ...modelSources('keyword', graph, chosenFormats(encoded), undefined, config),
      ...developmentSources('keyword', graph).filter((name) => !name.includes('selftest')),
      'listen.c',
      'wav_program.c',
    ];

    const build = async (
      compiler: string,
      options: readonly string[],
      platform: string,
      link: readonly string[],
    ): Promise<string> => {
      const all = [...sources, platform].map((name) => join(folder, name));
      const compiled = await compileObjects(
        compiler,
        [...WARNINGS, ...options, '-I', folder],
        all,
        folder,
      );
      if ('error' in compiled) throw new Error(compiled.error);
      const program = join(folder, platform.replace('.c', ''));
      const linked = await runProgram(compiler, [
        ...options,
        ...link,
        ...compiled.objects,
        '-o',
        program,
      ]);
      expect(linked.code, linked.stderr).toBe(0);
      return program;
    };
    const lines = (text: string): string[] => text.trim().split('\n');

    const sanitize = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const onHost = await build(findTool(HOST_COMPILER)!, sanitize, 'platform_host.c', []);
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    const host = await runProgram(onHost, [], { cwd: folder, env });
    expect(host).toMatchObject({ code: 0, stderr: '' });
    expect(lines(host.stdout)).toEqual(expected);

    const core = [...TARGET.options, ...CODE_OPTIONS];
    const script = ['-T', join(folder, simulator.linkerScript), ...simulator.linkOptions];
    const image = await build(findTool(TARGET.compiler)!, core, simulator.platform, script);
    const target = await runProgram(findTool(simulator.tool)!, [...simulator.arguments, image], {
      cwd: folder,
      timeoutSeconds: 600,
    });
    expect(target.code).toBe(0);
    expect(lines(`${target.stdout}${target.stderr}`)).toEqual(expected);
  });
});
