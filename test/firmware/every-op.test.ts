/** The C kernel of every kind of layer, and of a made-up one, held against what its execute facet computes. */
import { MIRROR_FILES } from '../fixtures/ops/mirror/register';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeFile } from '../../src/core/firmware/runtime-files';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { WEIGHT_FORMATS } from '../../src/core/formats/formats';
import { isWeighted, weightedLayers } from '../../src/core/graph/graph';
import { GRAPH_OPS, graphOp, type Kind, type Layer } from '../../src/core/ops/graph-ops';
import { elements, type Shape } from '../../src/core/ops/shape';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { networkAround } from '../unit/ops/op-suite';
import type { HostBuild } from './host-build';
import { buildVerification, expectOutputs } from './host-sources';
import { haveTools } from './require-tools';

const NAME = 'unit';
const NETWORKS = 3;
const isKind = (name: string): name is Kind => Object.hasOwn(GRAPH_OPS, name);
const columns = ([height, width]: Shape): number => height * width;
const textOf = (file: string): string => MIRROR_FILES.get(file) ?? runtimeFile(file);

describe.runIf(haveTools(HOST_COMPILER))('the C kernel on the host, under sanitizers', () => {
  let build: HostBuild;
  beforeAll(async () => {
    build = await buildVerification(NAME, MIRROR_FILES);
  });
  afterAll(() => {
    build.dispose();
  });

  it.each(Object.keys(GRAPH_OPS).filter(isKind))(
    'of %s gives the same bytes, whatever format weights have',
    async (kind) => {
      const networks = graphOp(kind).weights === undefined ? NETWORKS : WEIGHT_FORMATS.length;
      for (let seed = 0; seed < networks; seed++) {
        const graph = networkAround(kind, 200 + seed);
        const format = WEIGHT_FORMATS[seed % WEIGHT_FORMATS.length]!;
        const formats = Object.fromEntries(weightedLayers(graph).map(({ name }) => [name, format]));
        const emitted = emitRandom(graph, { name: NAME, seed, formats, textOf });
        await expectOutputs(build, emitted.files, randomVectors(emitted.model, 5, seed));
      }
    },
  );

  it.each<[string, Kind, (layer: Layer) => boolean]>([
    ['groups of channels', 'conv2d', (layer) => 'groups' in layer],
    ['dilation', 'conv2d', (layer) => 'dilation' in layer],
    ['several filters for a channel', 'depthwiseConv2d', (layer) => 'multiplier' in layer],
    ['dilated filters for each channel', 'depthwiseConv2d', (layer) => 'dilation' in layer],
  ])('of %s gives the same bytes', async (_, kind, of) => {
    for (let seed = 0; seed < 2 * NETWORKS; seed++) {
      const emitted = emitRandom(networkAround(kind, 300 + seed, 9, of), { name: NAME, seed });
      await expectOutputs(build, emitted.files, randomVectors(emitted.model, 5, seed));
    }
  });

  it.each<Kind>(['dense', 'conv2d'])(
    'of %s whose sums are rounded once gives the same bytes',
    async (kind) => {
      // A convolution that is a dense layer over several columns: a window of one pixel, one of which each output comes of.
      const isDense = (layer: Layer): boolean =>
        layer.kind === 'dense' ||
        (layer.kind === 'conv2d' &&
          elements(layer.kernel) === 1 &&
          layer.groups === undefined &&
          columns(layer.inputShape) === columns(layer.outputShape));
      for (let seed = 0; seed < 2 * NETWORKS; seed++) {
        const around = networkAround(kind, 400 + seed, 5, isDense);
        const layers = around.layers.map((layer) =>
          layer.kind === kind && isWeighted(layer) && isDense(layer)
            ? { ...layer, rounding: 'once' as const }
            : layer,
        );
        const emitted = emitRandom({ ...around, layers }, { name: NAME, seed });
        expect([...emitted.files.keys()]).toContain('unit_dense_once.c');
        await expectOutputs(build, emitted.files, randomVectors(emitted.model, 40, seed));
      }
    },
  );

  it('of a made-up kind comes with its header, and is compiled with the others', () => {
    const [mirror] = Object.keys(GRAPH_OPS).filter(isKind).slice(-1);
    const { files } = emitRandom(networkAround(mirror!, 1), { name: NAME, textOf });
    expect(files.get('unit_model.c')).toContain('#include "unit_mirror.h"');
    expect([...files.keys()]).toEqual(expect.arrayContaining(['unit_mirror.c', 'unit_mirror.h']));
    expect(files.get('unit.cmake')).toContain('unit_mirror.c');
  });
});
