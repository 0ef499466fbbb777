/** How the chip's outputs are read where a list of layers ends in the activation that the loss has. */
import { isYesOrNo } from '../config/output-activation';
import { readSections } from '../config/parse-config';
import { lastActivation } from '../ops/written';
import type { Advice } from './advice';
import { say, type Context } from './context';

export function outputAdvice(context: Context): Advice[] {
  const { config, document } = context;
  const { layers } = readSections(document.value, (section) => section === 'model').model ?? {};
  const last = layers?.at(-1);
  const found = last && lastActivation(last);
  if (layers === undefined || found?.leaves.probability === undefined) return [];
  const path = ['model', 'layers', layers.length - 1, found.key];
  const { name } = found;
  const hint = (message: string): Advice[] => [
    say(context, { code: 'output-activation', severity: 'info', message, path }),
  ];
  if (found.leaves.probability === 'one of all') {
    // Who gives it a layer of its own means one.
    if (found.key === 'type') return [];
    return hint(
      `the loss has this ${name}; on the chip, where it is computed, too, each output is a probability, (int8 + 128) ÷ 256; ` +
        'the class with the largest is the same without it, and faster',
    );
  }
  if (!isYesOrNo(config.task)) return [];
  return hint(
    `the loss has this ${name}, so it is no part of the network: the chip puts out scores, whose ${name} is the probability, ` +
      'and holds them against a threshold of scores',
  );
}
