/** What the background process and the process of one run say to each other, over Node's own channel. */
import * as v from 'valibot';

/** To the run: end at the next step, with a checkpoint, because the user wants it. */
export const STOP = 'stop';
/** The same because the background process is being ended. */
export const SHUT_DOWN = 'shut down';

export const jobMessage = v.variant('type', [
  v.object({ type: v.literal('note'), text: v.string() }),
  v.object({
    type: v.literal('end'),
    /** `refused`: it never came to training, and the run's log does not say why. */
    how: v.picklist(['finished', 'stopped', 'failed', 'refused']),
    message: v.optional(v.string()),
  }),
]);
export type JobMessage = v.InferOutput<typeof jobMessage>;
