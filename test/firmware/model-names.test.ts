/** Any number of models live in one image, whatever their names: what the linker and an archive see of them never meets. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileObjects, runProgram } from '../../src/core/firmware/compile';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { loadModel } from '../../src/core/models/models';
import { emitRandom } from '../unit/firmware/random-model';
import { haveTools } from './require-tools';

const folder = mkdtempSync(join(tmpdir(), 'east-names-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A network that has every kind of kernel whose names share words. */
const { graph } = loadModel({
  layers: [
    { type: 'conv2d', filters: 4, kernel: 3 },
    { type: 'depthwiseConv2d', kernel: 3 },
    { type: 'averagePool2d', pool: 2 },
    { type: 'maxPool2d', pool: 2 },
    { type: 'dense', units: 2 },
    { type: 'softmax' },
  ],
  input: [8, 8, 1],
  classes: 2,
});
const formats = { conv1: 'int4', dense1: 'ternary' } as const;

/** Objects of one model, compiled; without its self-test's main. */
async function objectsOf(name: string): Promise<string[]> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const sources: string[] = [];
  for (const [file, text] of emitRandom(graph, { name, formats }).files) {
    if (!/\.[ch]$/.test(file)) continue;
    writeFileSync(join(own, file), text);
    if (file.endsWith('.c')) sources.push(join(own, file));
  }
  const compiled = await compileObjects(findTool(HOST_COMPILER)!, ['-std=c99'], sources, own);
  if ('error' in compiled) throw new Error(compiled.error);
  return compiled.objects;
}

const PAIRS = [
  ['kws', 'kws_depthwise'],
  ['kws', 'kws_average'],
  ['kws', 'kws_net'],
  ['kws_net', 'kws_net_net'],
  ['kws_depthwise', 'kws_depthwise_net'],
  ['a', 'a_depthwise_net'],
  ['kws', 'kws_check'],
  ['kws', 'kws_lz4'],
] as const;

describe.runIf(haveTools(HOST_COMPILER))('two models in one image', () => {
  it.each(PAIRS)('%s and %s link and answer', async (first, second) => {
    const [a, b] = [await objectsOf(first), await objectsOf(second)];
    const main = join(folder, `${first}-${second}.c`);
    writeFileSync(
      main,
      `#include "${first}_selftest.h"
#include "${second}_selftest.h"
int main(void) { return (int)${first}_selftest() + 16 * (int)${second}_selftest(); }
`,
    );
    const program = join(folder, `${first}-${second}`);
    const includes = ['-I', join(folder, first), '-I', join(folder, second)];
    const linked = await runProgram(findTool(HOST_COMPILER)!, [
      ...['-std=c99', ...includes, main, ...a, ...b, '-o', program],
    ]);
    expect(linked).toMatchObject({ code: 0, stderr: '' });
    expect(await runProgram(program, [])).toMatchObject({ code: 0 });
  });

  it.each(PAIRS)('%s and %s have no file of the same name', (first, second) => {
    const names = [first, second].map((name) => [
      ...emitRandom(graph, { name, formats }).files.keys(),
    ]);
    const shared = names[0]!.filter((file) => names[1]!.includes(file));
    expect(shared).toEqual(['README.md', 'manifest.json']);
  });

  it('keeps the interface, and the names of models that meet no other', () => {
    const files = [...emitRandom(graph, { name: 'kws_depthwise', formats }).files.keys()];
    expect(files).toEqual(
      expect.arrayContaining([
        'kws_depthwise_model.h',
        'kws_depthwise_selftest.h',
        'kws_depthwise_status.h',
        'kws_depthwise_net_conv_2d.c',
      ]),
    );
    expect([...emitRandom(graph, { name: 'kws', formats }).files.keys()]).toContain(
      'kws_conv_2d.c',
    );
  });
});
