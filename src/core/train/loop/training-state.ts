import type { EastPlans } from '../../east/layer-plan';
import type { Optimizer } from '../pass/optimizer';
import type { Parameters } from '../pass/parameters';
import { parameterArrays } from '../pass/parameters';
import type { Ranges } from '../pass/ranges';
import { USUAL_CODEC } from '../../codecs/choice';
import { codecOf } from '../../codecs/codecs';
import { trainedFormat, type TrainedFormat, type TrainedFormats } from '../../formats/fits';
import { isWeightFormat, type WeightFormat } from '../../formats/formats';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import type { Measurement } from '../../tasks/measurement';

/** Typed arrays that a snapshot may hold. */
export type SnapshotArray = Float32Array | Float64Array | Int8Array | Int32Array | Uint8Array;

/**
 * Everything training needs to go on as if it had never stopped. Batches, augmentation and learning rates are functions
 * of seed and step, so no random state is among it.
 */
export interface Snapshot {
  readonly meta: SnapshotMeta;
  readonly arrays: Readonly<Record<string, SnapshotArray>>;
}

export interface SnapshotMeta {
  readonly version: 3;
  /** Optimiser steps done. */
  readonly step: number;
  /** Engine that computed them: another engine would give other bits, so a resume refuses it. */
  readonly engine: string;
  /** Which build of it (Engine.build); another one rounds differently. Absent in checkpoints of earlier versions. */
  readonly build?: string;
  /** Parts each batch was split into; absent in checkpoints from before there was a choice: 1. */
  readonly shards?: number;
  /** Threads over which the engine split its sums; absent where it does not. */
  readonly threads?: number;
  readonly ranges: readonly (readonly [name: string, min: number, max: number])[];
  /** Where the last mask search ended; null before the first. */
  readonly lambda: number | null;
  /** What EAST goes on with there; null or absent: it begins anew. */
  readonly plans?: EastPlans | null;
  /** What was measured on the test set so far. */
  readonly measured: readonly Measurement[];
  readonly best: BestCheckpoint | null;
  /** Format of each layer's weights, chosen after the float phase; null before, absent in checkpoints without formats. */
  readonly formats?: readonly (readonly [layer: string, format: WeightFormat])[] | null;
  /** Codec of the layers that have not the usual one; absent where all have. */
  readonly codecs?: readonly (readonly [layer: string, codec: string])[];
  /** Step of the layers whose codes are multiples of one (formats/step-fit.ts); absent where none are. */
  readonly steps?: readonly (readonly [layer: string, step: number])[];
}

/** The best masks-frozen state so far, by the metric on the validation set; its arrays are in the snapshot under `best/`. */
export interface BestCheckpoint {
  readonly step: number;
  readonly value: number;
  readonly storedBytes: number;
  readonly ranges: readonly (readonly [name: string, min: number, max: number])[];
}

/** Mutable counterpart that the training loop works on. */
export interface TrainingState {
  step: number;
  readonly parameters: Parameters;
  readonly optimizer: Optimizer;
  ranges: Ranges;
  lambda: number | undefined;
  plans: EastPlans | undefined;
  measured: readonly Measurement[];
  /** Whether the layers' formats are chosen; they are in the parameters. */
  formatsChosen: boolean;
  best: { info: BestCheckpoint; arrays: Record<string, SnapshotArray> } | undefined;
}

/** What of a checkpoint tells what computed it. */
type ComputingMeta = Pick<SnapshotMeta, 'engine' | 'build' | 'shards' | 'threads'>;

export function takeSnapshot(state: TrainingState, computing: ComputingMeta): Snapshot {
  const arrays: Record<string, SnapshotArray> = { ...parameterArrays(state.parameters) };
  for (const [key, values] of state.optimizer.state) arrays[`optimizer/${key}`] = values;
  for (const [key, values] of Object.entries(state.best?.arrays ?? {}))
    arrays[`best/${key}`] = values;
  return {
    meta: {
      version: 3,
      step: state.step,
      ...computing,
      ranges: rangeList(state.ranges),
      lambda: state.lambda ?? null,
      plans: state.plans ?? null,
      measured: state.measured,
      best: state.best?.info ?? null,
      formats: state.formatsChosen ? formatList(state.parameters) : null,
      ...(state.formatsChosen ? codecList(state.parameters) : {}),
      ...(state.formatsChosen ? stepList(state.parameters) : {}),
    },
    arrays,
  };
}

/**
 * Fills `state` from a snapshot; `formats`: what the layers may be trained in. Throws UserError if it belongs to another network, another engine or another number of
 * shards or threads.
 */
export function restoreSnapshot(
  snapshot: Snapshot,
  state: TrainingState,
  formats: TrainedFormats,
): void {
  const { meta, arrays } = snapshot;
  restoreParameters(arrays, state.parameters);
  state.step = meta.step;
  state.ranges = rangeMap(meta.ranges);
  state.lambda = meta.lambda ?? undefined;
  state.plans = meta.plans ?? undefined;
  state.measured = meta.measured;
  restoreFormats(meta, state, formats);
  state.optimizer.state.clear();
  const best: Record<string, SnapshotArray> = {};
  for (const [key, values] of Object.entries(arrays)) {
    if (key.startsWith('optimizer/') && values instanceof Float32Array) {
      state.optimizer.state.set(key.slice('optimizer/'.length), values);
    } else if (key.startsWith('best/')) {
      best[key.slice('best/'.length)] = values;
    }
  }
  if (meta.best) requireArrays(best, state.parameters);
  state.best = meta.best ? { info: meta.best, arrays: best } : undefined;
}

/** Checkpoints of earlier versions know of int8 alone: they have no formats, and there is nothing to choose. */
function restoreFormats(
  { formats: chosen, codecs = [], steps = [] }: SnapshotMeta,
  state: TrainingState,
  possible: TrainedFormats,
): void {
  state.formatsChosen = chosen !== null;
  for (const [name, format] of chosen ?? []) {
    const parameters = state.parameters.get(name);
    if (!isWeightFormat(format)) {
      throw new UserError(
        `the run trains layer ${name} as ${format}, a format that this version of EAST does not know; start a new run`,
      );
    }
    if (parameters === undefined) {
      throw new UserError(`the checkpoint is of another network: layer ${name} as ${format}`);
    }
    const codec = codecs.find(([layer]) => layer === name)?.[1];
    const step = steps.find(([layer]) => layer === name)?.[1];
    parameters.format = possible[name]?.find(
      (each) => each.id === format && codecIn(each) === codec && each.step === step,
    ) ?? { ...trainedFormat(format, step), ...defined({ codec: codec && codecOf(codec).id }) };
  }
}

/** As a snapshot says it: nothing for the usual codec. */
function codecIn({ codec }: TrainedFormat): string | undefined {
  return codec === USUAL_CODEC ? undefined : codec;
}

function codecList(parameters: Parameters): Pick<SnapshotMeta, 'codecs'> {
  const codecs = [...parameters].flatMap(([name, { format }]) => {
    const codec = codecIn(format);
    return codec === undefined ? [] : [[name, codec] as const];
  });
  return codecs.length === 0 ? {} : { codecs };
}

function stepList(parameters: Parameters): Pick<SnapshotMeta, 'steps'> {
  const steps = [...parameters].flatMap(
    ([
      name,
      {
        format: { step },
      },
    ]) => (step === undefined ? [] : [[name, step] as const]),
  );
  return steps.length === 0 ? {} : { steps };
}

function formatList(parameters: Parameters): (readonly [layer: string, format: WeightFormat])[] {
  return [...parameters].map(([name, { format }]) => [name, format.id] as const);
}

/** Parts each batch was split into. */
export function shardsOf({ meta }: Snapshot): number {
  return meta.shards ?? 1;
}

/** Copies weights, batch norm and masks by key. Throws UserError where a key is missing or has another size. */
export function restoreParameters(
  arrays: Readonly<Record<string, SnapshotArray>>,
  parameters: Parameters,
): void {
  const saved = requireArrays(arrays, parameters);
  for (const [key, live] of Object.entries(parameterArrays(parameters))) live.set(saved(key));
}

/** The saved array by the key of a live one; throws UserError where one is missing or has another size. */
function requireArrays(
  arrays: Readonly<Record<string, SnapshotArray>>,
  parameters: Parameters,
): (key: string) => SnapshotArray {
  const found = new Map<string, SnapshotArray>();
  for (const [key, live] of Object.entries(parameterArrays(parameters))) {
    const saved = Object.hasOwn(arrays, key) ? arrays[key] : undefined;
    if (saved?.length !== live.length) {
      throw new UserError(
        `the checkpoint is of another network: ${key} has ${saved?.length ?? 'no'} values, the config's network ${live.length}`,
      );
    }
    found.set(key, saved);
  }
  return (key) => found.get(key)!;
}

/** A copy of the parameters, to keep while training goes on. */
export function copyParameters(parameters: Parameters): Record<string, SnapshotArray> {
  return Object.fromEntries(
    Object.entries(parameterArrays(parameters)).map(([key, values]) => [key, values.slice()]),
  );
}

export function rangeList(ranges: Ranges): (readonly [string, number, number])[] {
  return [...ranges].map(([name, { min, max }]) => [name, min, max] as const);
}

export function rangeMap(list: readonly (readonly [string, number, number])[]): Ranges {
  return new Map(list.map(([name, min, max]) => [name, { min, max }]));
}
