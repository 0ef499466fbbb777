/** Functions of one tensor, element by element. */
import type { LayerConfig } from '../../ops/graph-ops';
import { defined } from '../../util/defined';
import type { Operator } from './file';
import type { ReadOperator } from './reading';
import { inputOf, outputOf } from './reading';

/** An operator that is one layer, without options. */
export function simple(config: LayerConfig): ReadOperator {
  return (operator, network) => network.layer(operator, config, { inputs: [inputOf(operator)] });
}

/** A clamp, or with neither bound what changes scales only. */
export function clip(min?: number, max?: number): ReadOperator {
  return simple({ type: 'clip', ...defined({ min, max }) });
}

/** Whether what goes in and what comes out are quantised alike, as all are that are no int8 codes. */
export function hasOneScale(operator: Operator): boolean {
  const [a, b] = [inputOf(operator), outputOf(operator)];
  return a.scales[0] === b.scales[0] && a.zeroPoints[0] === b.zeroPoints[0];
}
