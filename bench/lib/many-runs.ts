/** A workspace after half a year of work: finished runs of one config by the hundred, one of them with a very long log. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../src/core/config/load-config';
import { EventLog } from '../../src/core/run/event-log';
import type { RunEvent } from '../../src/core/run/events';
import type { RunFolder } from '../../src/core/run/run-folder';
import { RunStore } from '../../src/core/run/run-store';

const root = resolve(import.meta.dirname, '../..');
const recorded = join(root, 'test/fixtures/dashboard/meter-run');

export interface ManyRuns {
  readonly config: string;
  /** Oldest first. */
  readonly runs: readonly RunFolder[];
}

/**
 * @param folder an empty one, which becomes the workspace
 * @param steps of the last run's log; of the others it is what was recorded of the meter example, 177 events
 */
export function makeManyRuns(folder: string, count: number, steps: number): ManyRuns {
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  const text = readFileSync(join(root, 'examples/meter/meter.east.json'), 'utf8');
  const config = join(folder, 'meter.east.json');
  const log = readFileSync(join(recorded, 'events.jsonl'));
  const store = new RunStore(folder);
  const runs = Array.from({ length: count }, (_, i): RunFolder => {
    // Somebody tries one thing after the other.
    const own = text.replace(/"seed": \d+/, `"seed": ${i}`);
    writeFileSync(config, own);
    const run = store.create(loadConfig(config), own, new Date(Date.UTC(2026, 0, 1) + i * 1000));
    writeFileSync(run.file('events.jsonl'), log);
    cpSync(join(recorded, 'report.json'), run.file('report.json'));
    // Nobody looks into them here.
    for (const name of ['model.east', 'examples.east']) writeFileSync(run.file(name), '');
    return run;
  });
  const last = runs.at(-1);
  if (last !== undefined) writeFileSync(last.file('events.jsonl'), longLog(steps));
  return { config, runs };
}

/** The recorded run again and again, each time with later steps, until there are so many. */
function longLog(steps: number): string {
  const events = new EventLog(join(recorded, 'events.jsonl')).read();
  const [first, end] = [events[0], events.at(-1)];
  const inner = events.filter(({ type }) => type === 'step' || type === 'prune');
  const span = end?.step ?? 1;
  const lines: RunEvent[] = first === undefined ? [] : [first];
  let written = 0;
  for (let round = 0; written < steps; round++) {
    for (const event of inner) {
      lines.push({ ...event, step: event.step + round * span });
      if (event.type === 'step' && ++written === steps) break;
    }
  }
  if (end !== undefined) lines.push({ ...end, step: lines.at(-1)?.step ?? 0 });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
