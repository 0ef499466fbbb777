/** What a checkpoint may say; its arrays are held against the network when they are restored. */
import * as v from 'valibot';
import { CODECS } from '../../codecs/codecs';
import type { EastPlans } from '../../east/layer-plan';
import { WEIGHT_FORMATS } from '../../formats/formats';
import { STAGES } from '../../tasks/measurement';
import {
  checkStored,
  count,
  number,
  positive,
  size,
  text,
  type Checked,
  type Every,
} from '../../util/stored';
import type { Snapshot, SnapshotArray, SnapshotMeta } from './training-state';

const ranges = v.array(v.strictTuple([text, number, number]));

const plansSchema: v.GenericSchema<unknown, EastPlans> = v.object({
  price: positive,
  layers: v.array(v.object({ model: text, scale: positive })),
} satisfies Every<EastPlans>);

const metaSchema: v.GenericSchema<unknown, SnapshotMeta> = v.object({
  version: v.literal(3),
  step: count,
  engine: text,
  build: v.exactOptional(text),
  shards: v.exactOptional(size),
  threads: v.exactOptional(size),
  ranges,
  lambda: v.nullable(number),
  // Without plans EAST begins anew, which those of another version are worth, too.
  plans: v.exactOptional(v.fallback(v.nullable(plansSchema), null)),
  measured: v.array(v.object({ metric: text, stage: v.picklist(STAGES), value: number })),
  best: v.nullable(v.object({ step: count, value: number, storedBytes: number, ranges })),
  formats: v.exactOptional(
    v.nullable(
      v.array(
        v.strictTuple([
          text,
          v.picklist(WEIGHT_FORMATS, 'Expected a format of weights that this version knows'),
        ]),
      ),
    ),
  ),
  codecs: v.exactOptional(
    v.array(
      v.strictTuple([
        text,
        v.picklist(Object.keys(CODECS), 'Expected a codec of weights that this version knows'),
      ]),
    ),
  ),
  steps: v.exactOptional(v.array(v.strictTuple([text, positive]))),
} satisfies Every<SnapshotMeta>);

/** A container's content as a snapshot of this version, or what it is not. */
export function checkSnapshot({
  meta,
  arrays,
}: {
  readonly meta: unknown;
  readonly arrays: Readonly<Record<string, unknown>>;
}): Checked<Snapshot> {
  const checked = checkStored(metaSchema, meta);
  if ('problem' in checked) return checked;
  const known: [string, SnapshotArray][] = [];
  for (const [name, array] of Object.entries(arrays)) {
    if (!isSnapshotArray(array)) return { problem: `the array ${name} is of another kind` };
    known.push([name, array]);
  }
  return { value: { meta: checked.value, arrays: Object.fromEntries(known) } };
}

function isSnapshotArray(array: unknown): array is SnapshotArray {
  return [Float32Array, Float64Array, Int8Array, Int32Array, Uint8Array].some(
    (kind) => array instanceof kind,
  );
}
