/** Whether a run starts from the float phase of another, and leaves its own to others. */
import { valueAt } from '../tasks/measurement';
import type { Snapshot } from '../train/loop/training-state';
import { UserError } from '../util/errors';
import { effectiveEvents } from './event-log';
import type { RunEvent } from './events';
import { floatPhaseKey, type FloatPhaseOrigin } from './float-phase-key';
import { FloatPhases, type FloatPhase } from './float-phases';
import type { RunJob } from './actions';

/** Enough for a curve. */
const MOST_STEPS = 200;

export interface ReusedFloat {
  /** What the run starts from. */
  readonly from?: FloatPhase;
  /** To be told when the run has trained its own. */
  readonly keep?: (snapshot: Snapshot) => void;
}

/** @param begun where the run itself stands, if it is resumed: then it goes on with its own. */
export function reuseFloat(
  { config, folder, reuse, onNote }: RunJob,
  origin: FloatPhaseOrigin,
  begun: Snapshot | undefined,
): ReusedFloat {
  const { epochs, initialWeights } = config.training;
  const isOver = begun !== undefined && valueAt(begun.meta.measured, 'quantized') !== undefined;
  // Resumed, a run does not look at its initial weights again: those of a file are made of it and of examples.
  const isUnknown =
    begun !== undefined && (initialWeights !== undefined || config.model.file !== undefined);
  if (reuse === false || epochs === 0 || isOver || isUnknown) return {};
  const phases = new FloatPhases(config.workspace);
  const key = floatPhaseKey(origin);
  const found = begun === undefined ? phases.load(key) : undefined;
  if (found !== undefined && 'value' in found) {
    onNote(`float phase taken from run ${found.value.run}`);
    return { from: found.value };
  }
  if (found !== undefined) {
    onNote(
      `warning: the float network is trained anew, the one kept cannot be used: ${found.problem}`,
    );
  }
  return {
    keep: (snapshot) => {
      try {
        phases.keep(key, { run: folder.id, snapshot, events: curves(folder.readEvents()) });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        onNote(`warning: the float network is not kept for other runs: ${error.message}`);
      }
    },
  };
}

/** The events of a float phase that began elsewhere, as those of a run of so many steps: what is left is counted anew. */
export function asEventsOf(
  { events }: FloatPhase,
  run: { readonly totalSteps: number; readonly totalEpochs: number; readonly batchSize: number },
  time: string,
): RunEvent[] {
  const { totalSteps, totalEpochs, batchSize } = run;
  return events.map((event): RunEvent => {
    if (event.type !== 'step') return { ...event, time };
    const rate = event.imagesPerSecond / batchSize;
    const secondsLeft = rate > 0 ? (totalSteps - event.step) / rate : 0;
    return { ...event, time, totalSteps, totalEpochs, secondsLeft };
  });
}

/** The measurements, and of the steps as many as a curve needs, the last among them. */
function curves(events: readonly RunEvent[]): RunEvent[] {
  const ofCurves = effectiveEvents(events).filter(
    ({ type }) => type === 'step' || type === 'evaluation',
  );
  const steps = ofCurves.filter(({ type }) => type === 'step');
  const stride = Math.ceil(steps.length / MOST_STEPS);
  const kept = new Set(steps.filter((_, i) => (steps.length - 1 - i) % stride === 0));
  return ofCurves.filter((event) => event.type === 'evaluation' || kept.has(event));
}
