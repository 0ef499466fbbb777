/** Runs of the toy workspace, trained in this process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/core/config/load-config';
import type { RunResult } from '../../src/core/run/actions';
import { actions } from '../../src/core/run/all-actions';
import type { RunEvent } from '../../src/core/run/events';
import type { RunFolder } from '../../src/core/run/run-folder';
import { RunStore } from '../../src/core/run/run-store';

export function newToyRun(folder: string): RunFolder {
  const file = join(folder, 'toy.east.json');
  return new RunStore(folder).create(
    loadConfig(file, { workspace: folder }),
    readFileSync(file, 'utf8'),
  );
}

export interface Trained {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  readonly notes: readonly string[];
}

/** To the run's end, or until it has begun. */
export async function trainToyRun(
  run: RunFolder,
  { stopAtOnce = false }: { readonly stopAtOnce?: boolean } = {},
): Promise<Trained> {
  const stop = new AbortController();
  const [events, notes]: [RunEvent[], string[]] = [[], []];
  const result = await actions.run({
    config: run.loadConfig(),
    folder: run,
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event);
      if (stopAtOnce && event.type === 'started') stop.abort();
    },
    onNote: (note) => notes.push(note),
  });
  return { result, events, notes };
}
