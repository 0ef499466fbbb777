/**
 * Layers of sequences, as people write them: `conv1d` and the like are the same kinds as those of images, on a shape
 * [1, time, channels], with every size one number.
 */
import type { ConfigBase } from './layer';
import type { ConfigPadding, ConfigPair, Fail } from './layer-keys';
import { pair } from './layer-keys';
import type { Padding, Pair, Shape } from './shape';
import { formatShape } from './shape';

/** Whether the config's type is that of a sequence's layer. */
export function isOfSequence({ type }: ConfigBase): boolean {
  return type.includes('1d');
}

/** @param fail for a layer of sequences that does not read one */
export function checkSequence(config: ConfigBase, input: Shape, fail: Fail): void {
  if (!isOfSequence(config) || input[0] === 1) return;
  const instead = config.type.replace('1d', config.type.startsWith('global') ? '' : '2d');
  fail(
    `"${config.type}" reads a sequence, [time, channels], and its input is ${formatShape(input)}; "${instead}" reads images`,
    'type',
  );
}

/** What a key says of both axes: of a sequence's layer a number is along time. */
export function bothAxes(config: ConfigBase, key: string, value: ConfigPair, fail: Fail): Pair {
  if (!isOfSequence(config)) return pair(value);
  if (typeof value === 'number') return [1, value];
  return value[0] === 1 ? value : fail(`"${key}" of a ${config.type} is one number`, key);
}

/** What `padding` says, if only of time. */
export function allSides(config: ConfigBase, padding: ConfigPadding, fail: Fail): Padding {
  if (typeof padding === 'string') return padding;
  const [first, second, left, right] = padding;
  if (left !== undefined && right !== undefined) return [first, second, left, right];
  if (isOfSequence(config) && left === undefined) return [0, 0, first, second];
  return fail('"padding" needs four numbers: [top, bottom, left, right]', 'padding');
}
