/**
 * What the grid is run on: networks, how long they are trained, and which cells. The first study is the one that everything
 * was compared in at first; those of 60 float epochs take days on two cores, and the short one of their network says in an
 * evening which way they will point.
 */
import { grid, LONG, type Budget, type Cell, type Method } from './cells';

export interface Study {
  /** Also the folder of its results and the beginning of its file names. */
  readonly id: string;
  readonly title: string;
  readonly model: { readonly architecture: string; readonly width: number };
  /** Of the shared float network; of each cell, from there. */
  readonly floatEpochs: number;
  readonly epochs: number;
  readonly cells: readonly Cell[];
}

/** Percent of the dense int8 bytes, in the order in which they are worth the machine's time. */
const BUDGETS: readonly Budget[] = [15, 10, 6, 25];
/** Of methods that ask for them. */
const OTHER_BUDGETS: readonly Budget[] = [20];
/** Those that need three seeds, and by whom. */
const REPEATED: readonly Budget[] = [15, 10];
const BEST = ['auto_codec', 'entropy', 'clusters_entropy', 'magnitude'];

/** One seed everywhere first; then two more of the best four methods. */
function longGrid(): Cell[] {
  const cell = (method: Method, budget: Budget | undefined, seed: number): Cell => ({
    id: `${method.id}_${budget ?? 'all'}_seed${seed}`,
    method,
    budget,
    seed,
  });
  const of = (budget: Budget, seed: number, chosen: readonly Method[]): Cell[] =>
    chosen
      .filter(({ budgets, family }) => family !== 'dense' && (budgets ?? BUDGETS).includes(budget))
      .map((method) => cell(method, budget, seed));
  const best = LONG.filter(({ id }) => BEST.includes(id));
  return [
    ...[...BUDGETS, ...OTHER_BUDGETS].flatMap((budget) => of(budget, 1, LONG)),
    ...LONG.filter(({ family }) => family === 'dense').map((method) => cell(method, undefined, 1)),
    ...[2, 3].flatMap((seed) => REPEATED.flatMap((budget) => of(budget, seed, best))),
  ];
}

const long = (architecture: 'resnet8' | 'resnet9', width: number): Study => ({
  id: `${architecture}_${width}`,
  title: `${architecture === 'resnet8' ? 'ResNet-8' : 'ResNet-9'} of width ${width}`,
  model: { architecture, width },
  floatEpochs: 60,
  epochs: 18,
  cells: longGrid(),
});

export const FIRST: Study = {
  id: '',
  title: 'ResNet-9 of width 8',
  model: { architecture: 'resnet9', width: 8 },
  floatEpochs: 8,
  epochs: 2,
  cells: grid(),
};

/** Of which the README shows the small budgets. */
export const SUMMARY = long('resnet9', 8);

export const STUDIES: readonly Study[] = [
  FIRST,
  { ...long('resnet8', 16), id: 'resnet8_16_short', floatEpochs: 8, epochs: 2 },
  long('resnet8', 16),
  SUMMARY,
  long('resnet8', 8),
  long('resnet9', 16),
];
