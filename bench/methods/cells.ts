/** The grid of bench/methods.ts: every method, every budget, in the order in which they are worth the machine's time. */

/** Percent of the dense int8 bytes that the weights (blob: header, tile table, blocks) may take. */
export const BUDGETS = [25, 15, 10, 50] as const;
/** 20 and 6 are of the longer studies (studies.ts) alone. */
export type Budget = (typeof BUDGETS)[number] | 20 | 6;

export interface Method {
  readonly id: string;
  readonly label: string;
  readonly family:
    'east' | 'magnitude' | 'group' | 'filters' | 'clusters' | 'entropy-coded clusters' | 'dense';
  /** All where nothing is said. */
  readonly budgets?: readonly Budget[];
  /** Sections of the config in which it differs from the others. */
  readonly config: {
    readonly east: {
      readonly method: string;
      readonly group?: number;
      readonly encoder?: 'greedy';
      readonly codec?: 'auto' | 'lz4' | 'entropy';
    };
    readonly quantization: { readonly weights: number | string };
  };
}

const east = (weights: number | string, label: string): Method => ({
  id: `east_${weights}`,
  label: `EAST, ${label}`,
  family: 'east',
  config: { east: { method: 'east', codec: 'lz4' }, quantization: { weights } },
});

const group = (length: number): Method => ({
  id: `group_${length}`,
  label: `groups of ${length}, int8`,
  family: 'group',
  config: { east: { method: 'group', group: length }, quantization: { weights: 8 } },
});

/** Pruned until they fit: a cell for each budget. */
export const PRUNED: readonly Method[] = [
  east('auto', 'bits by layer'),
  east(4, '4 bits'),
  east('ternary', '3 levels'),
  east(8, 'int8'),
  {
    id: 'magnitude',
    label: 'magnitude, int8',
    family: 'magnitude',
    config: { east: { method: 'magnitude' }, quantization: { weights: 8 } },
  },
  group(8),
  east(2, '2 bits'),
  group(4),
  {
    id: 'filters',
    label: 'whole filters, int8',
    family: 'filters',
    config: { east: { method: 'dense' }, quantization: { weights: 8 } },
  },
  {
    id: 'clusters',
    label: 'clustered weights',
    family: 'clusters',
    // One bit a weight is the least: an eighth of the dense bytes.
    budgets: [50, 25, 15],
    config: { east: { method: 'dense' }, quantization: { weights: 8 } },
  },
  group(16),
  group(32),
  // Needs no pruning for more.
  { ...east(1, '1 bit'), budgets: [10] },
];

const byCodec = (codec: 'auto' | 'entropy', id: string, label: string): Method => ({
  id,
  label,
  family: 'east',
  config: { east: { method: 'east', codec }, quantization: { weights: 'auto' } },
});

/** As readers of the paper would do it: chosen for and stored by lz4's default encoder. */
const greedy = (id: string): Method => {
  const { label, family, config } = PRUNED.find((method) => method.id === id)!;
  return {
    id: `${id}_greedy`,
    label: `${label}, greedy LZ4`,
    family,
    config: { ...config, east: { ...config.east, encoder: 'greedy' } },
  };
};

/** At 25 and 15 %, after all others. */
export const GREEDY: readonly Method[] = [greedy('east_8'), greedy('magnitude'), greedy('group_8')];

const dense = (weights: number | string, label: string): Method => ({
  id: `dense_${weights}`,
  label: `dense, ${label}`,
  family: 'dense',
  config: { east: { method: 'dense' }, quantization: { weights } },
});

/** Take what they take, with LZ4 or without: one cell for all budgets. */
export const DENSE: readonly Method[] = [
  dense(1, '1 bit'),
  dense('ternary', '3 levels'),
  dense(2, '2 bits'),
  dense(4, '4 bits'),
  dense(8, 'int8'),
];

const pruned = (id: string): Method => PRUNED.find((method) => method.id === id)!;

/** What the longer studies compare: EAST with each codec, the paper's setting, and its rivals at their best. */
export const LONG: readonly Method[] = [
  // In a fifth of the bytes as well, where it is to lose no more than a point of the float network's accuracy.
  { ...byCodec('auto', 'auto_codec', 'EAST, everything chosen'), budgets: [25, 20, 15, 10, 6] },
  byCodec('entropy', 'entropy', 'EAST, entropy coder'),
  { ...pruned('east_auto'), label: 'EAST, LZ4, bits by layer' },
  { ...pruned('east_8'), label: 'EAST, int8 and LZ4 (the paper)' },
  pruned('magnitude'),
  pruned('group_8'),
  pruned('filters'),
  // One bit a weight is the least that they have.
  { ...pruned('clusters'), budgets: [25, 15] },
  {
    ...pruned('clusters'),
    id: 'clusters_entropy',
    label: 'clustered weights, entropy-coded',
    family: 'entropy-coded clusters',
    budgets: [25, 15],
  },
  ...DENSE,
];

export interface Cell {
  /** A C identifier: also the name of its config and of its result file. */
  readonly id: string;
  readonly method: Method;
  /** undefined: as large as it is. */
  readonly budget: Budget | undefined;
  readonly seed: number;
}

/** One seed everywhere first, then two more where methods differ, below 50 %; the greedy encoder last. */
export function grid(): Cell[] {
  const cells: Cell[] = [];
  const add = (method: Method, budget: Budget | undefined, seed: number): void => {
    const size = budget === undefined ? 'all' : String(budget);
    cells.push({ id: `${method.id}_${size}_seed${seed}`, method, budget, seed });
  };
  for (const seed of [1, 2, 3]) {
    for (const budget of BUDGETS) {
      if (seed > 1 && budget === 50) continue;
      for (const method of PRUNED) {
        if ((method.budgets ?? BUDGETS).includes(budget)) add(method, budget, seed);
      }
      if (budget === 25) for (const method of DENSE) add(method, undefined, seed);
    }
  }
  for (const seed of [1, 2, 3]) {
    for (const budget of [25, 15] as const) for (const method of GREEDY) add(method, budget, seed);
  }
  return cells;
}
