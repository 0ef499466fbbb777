/** All kinds of layers, and a made-up one that no file of src/ knows, through the shared suite. */
import '../../fixtures/ops/mirror/register';
import { describe, expect, it } from 'vitest';
import { withLayers } from '../../../scripts/generate/strict-schema';
import { SCHEMA } from '../../../src/core/config/schema';
import { GRAPH_OPS, type Kind, type Layer } from '../../../src/core/ops/graph-ops';
import { isDilated } from '../../../src/core/ops/window';
import { writtenTypes } from '../../../src/core/ops/written';
import { describeOp, type Reference } from './op-suite';

const isKind = (name: string): name is Kind => Object.hasOwn(GRAPH_OPS, name);

/** Training leaves them out, or the chip computes them otherwise. */
const REFERENCES: Readonly<Record<string, Reference>> = {
  softmax: ([logits], { inputShape: [, , channels] }) =>
    logits!.map((x, i, all) => {
      const row = all.subarray(i - (i % channels), i - (i % channels) + channels);
      return Math.exp(x) / row.reduce((sum, each) => sum + Math.exp(each), 0);
    }),
};

for (const kind of Object.keys(GRAPH_OPS).filter(isKind)) describeOp(kind, REFERENCES[kind]);

/** Rare settings, which random ones seldom have together. */
const RARE: readonly [string, Kind, (layer: Layer) => boolean][] = [
  ['conv2d in groups', 'conv2d', (layer) => 'groups' in layer && layer.groups !== undefined],
  ['conv2d with dilation', 'conv2d', isDilatedWindow],
  ['depthwiseConv2d with dilation', 'depthwiseConv2d', isDilatedWindow],
  [
    'depthwiseConv2d with a multiplier',
    'depthwiseConv2d',
    (layer) => 'multiplier' in layer && layer.multiplier !== undefined && layer.inputShape[2] > 1,
  ],
];

function isDilatedWindow(layer: Layer): boolean {
  return 'kernel' in layer && isDilated(layer) && layer.kernel.some((taps) => taps > 1);
}

for (const [title, kind, of] of RARE) describeOp(kind, undefined, title, of);

describe('a made-up kind of layer', () => {
  it('is in the schema as soon as it is in the table', () => {
    const layers = withLayers(SCHEMA, writtenTypes()).properties?.['model']?.properties?.['layers'];
    expect(layers?.items?.properties?.['type']?.enum).toContain('mirror');
    expect(layers?.items?.properties?.['axis']).toMatchObject({
      description: 'Along which a mirror turns the picture round.',
      default: 'horizontal',
    });
    const rule = layers?.items?.allOf?.find(
      ({ if: { properties } }) => properties.type.const === 'mirror',
    );
    expect(rule?.then.propertyNames.enum).toEqual(['type', 'name', 'inputs', 'axis']);
  });
});
