import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codeBytes, compilerVersion, measureCodeSize } from '../../src/core/firmware/code-size';
import { compileObjects, runProgram, WARNINGS } from '../../src/core/firmware/compile';
import { emitSources, modelSources } from '../../src/core/firmware/emit';
import { sha256, parseManifest } from '../../src/core/firmware/manifest';
import { allRuntimeSources } from '../../src/core/firmware/runtime-files';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { weightedLayers } from '../../src/core/graph/graph';
import { quantizeInput } from '../../src/core/quant/evaluate';
import { tensorOf } from '../../src/core/quant/model';
import { createRandom } from '../../src/core/util/random';
import { loadModel } from '../../src/core/models/models';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { randomGraph } from '../unit/firmware/random-graph';
import { haveTools } from './require-tools';

const TARGET = firmwareTarget();

const folder = mkdtempSync(join(tmpdir(), 'east-emit-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the emitted sources', () => {
  it('are the same for the same model', () => {
    const graph = randomGraph(1);
    expect([...emitRandom(graph).files]).toEqual([...emitRandom(graph).files]);
  });

  it('hold the kernels that the network uses and no others', () => {
    const graph = loadModel({ architecture: 'mlp', input: [1, 1, 8], classes: 3 }).graph;
    expect(modelSources('door', graph, {})).toEqual([
      'door_model.c',
      'door_weights.c',
      'door_blob.c',
      'door_dense.c',
      'door_lz4.c',
      'door_run.c',
    ]);
    const { files } = emitRandom(graph, { name: 'door' });
    const sources = [...files.keys()].filter((f) => f.endsWith('.c') && f !== 'door_selftest.c');
    expect(sources.sort()).toEqual(modelSources('door', graph, {}).sort());
    for (const file of modelSources('door', graph, {}))
      expect(files.get('door.cmake')).toContain(file);
  });

  it('hold what unpacks the formats of their weights, and no others', () => {
    const graph = loadModel({ architecture: 'mlp', input: [1, 1, 8], classes: 3 }).graph;
    const [first] = weightedLayers(graph);
    const { files } = emitRandom(graph, { name: 'door', formats: { [first!.name]: 'int4' } });
    const sources = [...files.keys()].filter((f) => f.endsWith('.c') && f !== 'door_selftest.c');
    expect(sources.sort()).toEqual(modelSources('door', graph, { [first!.name]: ['int4'] }).sort());
    expect(sources).toContain('door_int4.c');
    expect(files.get('door.cmake')).toContain('door_int4.c');
    expect(files.get('door_model.c')).toContain('&door_int4');
  });

  it('are listed with their hashes in the manifest', () => {
    const { files } = emitRandom(randomGraph(2));
    const manifest = parseManifest(files.get('manifest.json')!, 'manifest.json');
    expect(manifest.inputs).toEqual({ checkpoint: 'k', config: 'c' });
    const hashes = [...files]
      .filter(([f]) => f !== 'manifest.json')
      .map(([f, t]) => [f, sha256(t)]);
    expect(manifest.files).toEqual(Object.fromEntries(hashes));
  });

  it('carry no name but the model’s, and no trace of this machine', () => {
    const { files } = emitRandom(randomGraph(3, 10), { name: 'door' });
    for (const [file, text] of files) {
      expect(text).not.toMatch(/\beast_|\bEAST_/);
      expect(text).not.toContain(process.cwd());
      expect(file).toMatch(/^(door[_.]|README\.md$|manifest\.json$)/);
    }
  });

  it('say that invoke finds structural damage only, and what finds the rest', () => {
    const { files } = emitRandom(randomGraph(1), { name: 'door' });
    const header = files.get('door_model.h');
    expect(header).toContain('gives DOOR_OK and a wrong output; only door_check_weights() finds');
    const readme = files.get('README.md');
    expect(readme).toContain('if (door_check_weights() != DOOR_OK) {');
    expect(readme).toContain('gives `DOOR_OK` and a wrong output');
  });

  it('escape class names that are not plain ASCII', () => {
    const { files } = emitRandom(randomGraph(1));
    expect(files.get('unit_model.h')).toContain('"class 0"');
  });
});

describe.runIf(haveTools(HOST_COMPILER))('the emitted sources and a compiler', () => {
  it('take an input and an output anywhere in the arena', async () => {
    const graph = loadModel({
      layers: [
        { type: 'conv2d', filters: 4, kernel: 3 },
        { type: 'dense', units: 2 },
      ],
      input: [8, 8, 1],
      classes: 2,
    }).graph;
    const own = join(folder, 'overlap');
    mkdirSync(own);
    for (const [file, text] of emitRandom(graph, { name: 'door' }).files) {
      if (/\.[ch]$/.test(file)) writeFileSync(join(own, file), text);
    }
    writeFileSync(
      join(own, 'main.c'),
      `#include "door_model.c"
#include <string.h>
int main(void)
{
    int8_t *const arena = (int8_t *)door_arena;
    int8_t input[DOOR_INPUT_BYTES], expected[DOOR_OUTPUT_BYTES], output[DOOR_OUTPUT_BYTES];
    int i, at;
    for (i = 0; i < DOOR_INPUT_BYTES; i++) input[i] = (int8_t)(i * 37 % 256 - 128);
    if (door_invoke(input, expected) != DOOR_OK) return 1;
    for (at = 0; at + DOOR_INPUT_BYTES <= DOOR_ARENA_BYTES; at++) {
        memmove(arena + at, input, DOOR_INPUT_BYTES);
        if (door_invoke(arena + at, output) != DOOR_OK) return 2;
        if (memcmp(output, expected, sizeof output) != 0) return 3;
    }
    for (at = 0; at + DOOR_OUTPUT_BYTES <= DOOR_ARENA_BYTES; at++) {
        if (door_invoke(input, arena + at) != DOOR_OK) return 4;
        if (memcmp(arena + at, expected, sizeof expected) != 0) return 5;
    }
    return 0;
}
`,
    );
    const sanitize = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const sources = modelSources('door', graph, {}).filter((file) => file !== 'door_model.c');
    const files = [...sources, 'main.c'].map((file) => join(own, file));
    const compiler = findTool(HOST_COMPILER)!;
    const compiled = await runProgram(compiler, [
      ...sanitize,
      ...files,
      '-o',
      join(own, 'overlap'),
    ]);
    expect(compiled.stderr).toBe('');
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    expect(await runProgram(join(own, 'overlap'), [], { env })).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('keep every class name as it is', async () => {
    const outputNames = [
      'east_gate',
      'EAST_X',
      'the east_east_1',
      'Ost "??/ é\\east_',
      '0east_7',
      '',
    ];
    const graph = loadModel({
      layers: [{ type: 'dense', units: 6 }],
      input: [1, 1, 2],
      classes: 6,
    }).graph;
    const header = emitRandom(graph, { name: 'door', outputNames }).files.get('door_model.h')!;
    const own = join(folder, 'names');
    mkdirSync(own);
    writeFileSync(join(own, 'door_model.h'), header.replace('#include "door_status.h"', ''));
    writeFileSync(
      join(own, 'names.c'),
      `#include <stdio.h>
enum door_status { DOOR_OK };
#include "door_model.h"
int main(void)
{
    static const char *const names[DOOR_OUTPUT_BYTES] = DOOR_CLASS_NAMES;
    int i;
    for (i = 0; i < DOOR_OUTPUT_BYTES; i++) puts(names[i]);
    return 0;
}
`,
    );
    const program = join(own, 'names');
    const compiled = await runProgram(findTool(HOST_COMPILER)!, [
      ...WARNINGS,
      join(own, 'names.c'),
      '-o',
      program,
    ]);
    expect(compiled.stderr).toBe('');
    expect((await runProgram(program, [])).stdout).toBe(`${outputNames.join('\n')}\n`);
  });

  it('let two models live in one image, and C++ include their headers', async () => {
    const compiler = findTool(HOST_COMPILER)!;
    const graph = loadModel({
      layers: [
        { type: 'conv2d', filters: 4, kernel: 3 },
        { type: 'dense', units: 2 },
        { type: 'softmax' },
      ],
      input: [5, 5, 1],
      classes: 2,
    }).graph;
    for (const name of ['door', 'meter']) {
      for (const [file, text] of emitRandom(graph, { name }).files) {
        if (/\.[ch]$/.test(file)) writeFileSync(join(folder, file), text);
      }
    }
    writeFileSync(
      join(folder, 'main.c'),
      `#include "door_model.h"
#include "door_selftest.h"
#include "meter_model.h"
#include "meter_selftest.h"
int main(void)
{
    static const char *const names[METER_OUTPUT_BYTES] = METER_CLASS_NAMES;
    const float mean[] = METER_INPUT_MEAN;
    return (int)door_selftest() + (int)meter_selftest() + (names[1][0] != 'c') + (mean[0] != 128.0F);
}
`,
    );
    const files = ['door', 'meter']
      .flatMap((name) => [...modelSources(name, graph, {}), `${name}_selftest.c`])
      .concat('main.c')
      .map((file) => join(folder, file));
    const compiled = await compileObjects(compiler, [...WARNINGS, '-O1'], files, folder);
    expect(compiled).toHaveProperty('objects');
    if ('error' in compiled) return;
    const program = join(folder, 'both');
    expect((await runProgram(compiler, [...compiled.objects, '-o', program])).stderr).toBe('');
    expect((await runProgram(program, [])).code).toBe(0);

    const plus = await runProgram('g++', ['--version']);
    if (plus.code !== 0) return;
    writeFileSync(
      join(folder, 'main.cpp'),
      '#include "door_model.h"\n#include "door_selftest.h"\n#include "door_kernels.h"\n#include "door_blob.h"\n#include "door_lz4.h"\n',
    );
    const options = ['-std=c++11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only'];
    expect((await runProgram('g++', [...options, join(folder, 'main.cpp')])).stderr).toBe('');
  });
});

describe('codeBytes', () => {
  const graph = loadModel({ architecture: 'resnet8', input: [32, 32, 3], classes: 10 }).graph;

  it('falls back to the committed table, and says so', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      // A set of kernels that no other test measures.
      const unusual = loadModel({
        layers: [{ type: 'globalMaxPool' }, { type: 'dense', units: 2 }],
        input: [3, 3, 3],
        classes: 2,
      }).graph;
      const { bytes, source } = await codeBytes(unusual, {}, TARGET);
      expect(source).toBe('table');
      const names = ['blob', 'dense', 'lz4', 'max_pool_2d', 'run', 'model'];
      const sizes = names.map((name) => TARGET.codeSizes.files[`east_${name}`]!);
      expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    } finally {
      process.env['PATH'] = path;
    }
  });

  it.runIf(haveTools(TARGET.compiler, TARGET.sizeProgram))(
    'measures what the table says',
    async () => {
      const sizes = await measureCodeSize(allRuntimeSources(), TARGET);
      expect(sizes).toBeDefined();
      if (TARGET.codeSizes.compiler.endsWith(` ${await compilerVersion(TARGET)}`)) {
        // `npm run generate` rewrites the table.
        expect(sizes).toEqual(TARGET.codeSizes.files);
      }
      expect(sizes!['east_lz4']).toBeLessThan(400);
      const { bytes, source } = await codeBytes(graph, {}, TARGET);
      expect(source).toBe('measured');
      expect(bytes).toBeLessThanOrEqual(10 * 1024);
    },
  );
});

describe('the rule for the input in header and README', () => {
  it.each([
    [64, true],
    [1, false],
  ])('is pixel - 128 where that is what examples become, and only there (std %d)', (std, is) => {
    const { graph } = loadModel({ architecture: 'mlp', input: [1, 1, 256], classes: 2 });
    const normalization = { kind: 'uint8', mean: [128], std: [std] } as const;
    const { model: random, encoded, plan } = emitRandom(graph);
    const input = { scale: 1 / 64, zeroPoint: 0 };
    const model = { ...random, tensors: { ...random.tensors, input } };
    const files = emitSources({
      config: { name: 'door' },
      encoded: { ...encoded, model },
      plan,
      normalization,
      task: 'classification',
      outputNames: ['open', 'shut'],
      selfTest: randomVectors(model, 1, 2),
      provenance: {},
    });
    const data = Uint8Array.from({ length: 256 }, (_, i) => i);
    const samples = { shape: [1, 1, 256], count: 1, data, targets: new Float32Array(1) } as const;
    const codes = new Int8Array(256);
    quantizeInput(samples, 0, normalization, input, codes);
    expect(codes.every((code, pixel) => code === pixel - 128)).toBe(is);
    const [header = '', readme = ''] = [files.get('door_model.h'), files.get('README.md')];
    expect(header.includes('int8 = pixel - 128')).toBe(is);
    expect(header.includes('door_quantize(')).toBe(!is);
    expect(readme.includes('(pixels[i] - 128)')).toBe(is);
  });
});

describe.runIf(haveTools(HOST_COMPILER))('the function that quantises a value', () => {
  it.each([
    { mean: [0.5], std: [2] },
    { mean: [-3, 10, 1e-3], std: [1e-2, 100, 0.25] },
  ])('gives the codes that training saw (%j)', async (statistics) => {
    const normalization = { kind: 'float', ...statistics } as const;
    const { graph } = loadModel({ architecture: 'mlp', input: [1, 1, 3], classes: 2 });
    const own = mkdtempSync(join(folder, 'quantize-'));
    const { files, model } = emitRandom(graph, { name: 'door', normalization });
    for (const [file, text] of files)
      if (/\.[ch]$/.test(file)) writeFileSync(join(own, file), text);
    const random = createRandom(5);
    const count = 2000;
    const spread = (channel: number): number =>
      statistics.std[channel % statistics.std.length]! * 8;
    const data = Float32Array.from({ length: 3 * count }, (_, i) =>
      i < 6 ? [1e30, -1e30, Infinity, -Infinity, 0, -0][i]! : (random.next() - 0.5) * spread(i % 3),
    );
    writeFileSync(
      join(own, 'main.c'),
      `#include "door_model.h"
#include <stdio.h>
static const float values[] = {${Array.from(data, (v) => (Number.isFinite(v) ? `${v.toExponential()}f` : v > 0 ? '1e38f * 10.0f' : '-1e38f * 10.0f')).join(', ')}};
int main(void)
{
    unsigned i;
    for (i = 0; i < sizeof values / sizeof values[0]; i++) printf("%d\\n", door_quantize(values[i], i % DOOR_INPUT_CHANNELS));
    return 0;
}
`,
    );
    const compiler = findTool(HOST_COMPILER)!;
    const program = join(own, 'program');
    const built = await runProgram(compiler, [
      ...WARNINGS.filter((option) => option !== '-Wpedantic'),
      ...['-Wno-overflow', '-I', own, join(own, 'main.c'), '-o', program],
    ]);
    expect(built).toMatchObject({ code: 0 });
    const codes = (await runProgram(program, [])).stdout.trim().split('\n').map(Number);
    const samples = { shape: [1, 1, 3], count, data, targets: new Float32Array(count) } as const;
    const out = new Int8Array(3);
    let different = 0;
    for (let i = 0; i < count; i++) {
      quantizeInput(samples, i, normalization, tensorOf(model, 'input'), out);
      for (let c = 0; c < 3; c++) {
        const off = Math.abs(out[c]! - codes[3 * i + c]!);
        expect(off).toBeLessThanOrEqual(1);
        if (off > 0) different++;
      }
    }
    // Only where single precision rounds to the other side of a half.
    expect(different).toBeLessThan(count / 100);
  });
});

describe.runIf(haveTools(TARGET.compiler))(
  'a build for a core with DSP instructions that does not use them',
  () => {
    const compile = async (...options: string[]): Promise<string> => {
      const own = mkdtempSync(join(folder, 'dsp-'));
      const { graph } = loadModel({ architecture: 'lenet5', input: [12, 12, 1], classes: 2 });
      for (const [file, text] of emitRandom(graph, { name: 'door' }).files) {
        if (/\.[ch]$/.test(file)) writeFileSync(join(own, file), text);
      }
      const file = join(own, 'door_multiply.c');
      const all = ['-mcpu=cortex-m4', '-mthumb', '-std=c99', '-c', file, '-o', join(own, 'x.o')];
      const { code, stderr } = await runProgram(findTool(TARGET.compiler)!, [...all, ...options]);
      expect(code).toBe(0);
      return stderr;
    };

    it('says so', async () => {
      expect(await compile()).toBe('');
      expect(await compile('-mno-unaligned-access')).toContain(
        'DSP instructions that this build does not use',
      );
      expect(await compile('-mno-unaligned-access', '-DDOOR_PORTABLE_C')).toBe('');
      expect(await compile('-mcpu=cortex-m3')).toBe('');
    });
  },
);

describe('the CMake snippet', () => {
  const cmake = findTool({
    name: 'CMake',
    programs: ['cmake'],
    install: 'sudo apt-get install cmake',
  });
  if (cmake === undefined)
    process.stdout.write('skipped: the CMake snippet in a C++ project: no cmake\n');

  it.runIf(cmake !== undefined && haveTools(HOST_COMPILER))(
    'works in a project of C++ alone',
    async () => {
      const own = mkdtempSync(join(folder, 'cmake-'));
      const { graph } = loadModel({ architecture: 'mlp', input: [1, 1, 4], classes: 2 });
      mkdirSync(join(own, 'door'));
      for (const [file, text] of emitRandom(graph, { name: 'door' }).files)
        writeFileSync(join(own, 'door', file), text);
      writeFileSync(
        join(own, 'CMakeLists.txt'),
        'cmake_minimum_required(VERSION 3.13)\nproject(app CXX)\ninclude(door/door.cmake)\nadd_executable(app main.cpp)\n' +
          'target_link_libraries(app PRIVATE door_selftest)\n',
      );
      writeFileSync(
        join(own, 'main.cpp'),
        '#include "door_selftest.h"\nint main() { return door_selftest(); }\n',
      );
      const build = join(own, 'build');
      expect(await runProgram(cmake!, ['-S', own, '-B', build])).toMatchObject({ code: 0 });
      expect(await runProgram(cmake!, ['--build', build])).toMatchObject({ code: 0 });
      expect(await runProgram(join(build, 'app'), [])).toMatchObject({ code: 0 });
    },
  );
});
