/** Questions one after another, of which each may be gone back from. */
import type { Answers, Draft } from './answers';
import { BACK, type Position, type Reply } from './multi-step';

/** Answers of a step; undefined values take earlier ones back. */
export type Given = { readonly [K in keyof Draft]?: Draft[K] | undefined };

/** A step has looked, and found that it needs no answer: one does not go back to it. */
export const NOTHING = Symbol('nothing to ask');

export interface Step {
  /** What it is not asked for: known already. */
  readonly skip?: (draft: Draft) => boolean;
  readonly ask: (draft: Draft, position: Position) => Promise<Reply<Given> | typeof NOTHING>;
  /** Whether only a look at the data tells that there is anything to ask. */
  readonly seldom?: true;
  /** What it most likely answers, to count the steps that follow. */
  readonly likely?: Partial<Answers>;
}

const TITLE = 'Create Model Config';

export async function askAll(steps: readonly Step[], start: Draft): Promise<Draft | undefined> {
  // What was known before each step that was asked, so that going back also forgets.
  const history: { readonly index: number; readonly draft: Draft }[] = [];
  let draft = start;
  let index = 0;
  while (index < steps.length) {
    const step = steps[index]!;
    if (step.skip?.(draft) === true) {
      index++;
      continue;
    }
    const rest = likelyCount(steps.slice(index), draft);
    const position = { title: TITLE, step: history.length + 1, totalSteps: history.length + rest };
    const reply = await step.ask(draft, position);
    if (reply === undefined) return undefined;
    if (reply === NOTHING) {
      index++;
      continue;
    }
    if (reply === BACK) {
      const before = history.pop();
      if (before === undefined) return undefined;
      ({ index, draft } = before);
      continue;
    }
    history.push({ index, draft });
    draft = merge(draft, reply);
    index++;
  }
  return draft;
}

/** How many are asked where each is answered as is most likely; the first is asked. */
function likelyCount(steps: readonly Step[], draft: Draft): number {
  let [count, known] = [0, draft];
  for (const [i, step] of steps.entries()) {
    if (i > 0 && (step.seldom === true || step.skip?.(known) === true)) continue;
    count++;
    known = { ...known, ...step.likely };
  }
  return count;
}

function merge(draft: Draft, given: Given): Draft {
  const known = Object.fromEntries(
    Object.entries({ ...draft, ...given }).filter(([, value]) => value !== undefined),
  );
  return { ...known, folder: given.folder ?? draft.folder };
}

export function isAnswer<T>(reply: Reply<T>): reply is T {
  return reply !== undefined && reply !== BACK;
}

export async function typed(
  reply: Promise<Reply<string>>,
  answer: (text: string) => Given,
): Promise<Reply<Given>> {
  const text = await reply;
  return isAnswer(text) ? answer(text) : text;
}
