import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

/** Messages of the rule that no file outside core/ops branches on a layer's kind. */
async function found(line: string): Promise<string[]> {
  const text = `export const probe = (layer: { kind: string; type: string }, kind: string): unknown => ${line};\n`;
  const [result] = await new ESLint().lintText(text, { filePath: 'src/core/plan/probe.ts' });
  return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').map(String);
}

describe('the lint rule that keeps kinds of layers in core/ops', () => {
  it.each([
    `layer.kind === 'conv2d'`,
    `'dense' === layer.kind`,
    `layer.type !== 'relu6'`,
    `kind === 'activation'`,
    `['add', 'dense'].includes(layer.kind)`,
    `new Set(['add']).has(layer.kind)`,
    `new Map([['maxPool2d', 1]]).get(kind)`,
    `layer.kind.startsWith('global')`,
    `({ softmax: 1 })`,
    `new Map(Object.entries({ add: 1 }[layer.kind] ?? {}))`,
    '`a depthwiseConv2d layer`',
    `{ switch (kind) { case 'add': return 1; default: return 2; } }`,
  ])('refuses %s', async (line) => {
    expect(await found(line)).not.toEqual([]);
  });

  it.each([`kind === 'run'`, `['dense', 'east'].includes(kind)`, `layer.kind`, `({ dense: 1 })`])(
    'takes %s',
    async (line) => {
      expect(await found(line)).toEqual([]);
    },
  );
});
