/**
 * Tells where the rows of a table that are taken for one recording are not: where a time goes back or jumps, or a
 * subject changes. Windows that lie across such a place are of two recordings, and nothing else would say so.
 */
import { basename } from 'node:path';

const TIME =
  /^(t|ts|time|timestamps?|date|datetime|date_?time|(time|elapsed|seconds|millis)([ _([]?(s|ms|us|µs|ns|sec|seconds|utc)[)\]]?)?|ms|us|ns)$/i;
const RECORDING =
  /^(recording|record|rec|session|subject|user|person|participant|volunteer|patient|trial|experiment|measurement|device|file|file_?name|source)s?([ _-]?(id|no|nr|number|name))?$/i;
/** A step of time this many times the usual one is a gap. */
const GAP = 10;
/** Steps whose median is the usual one. */
const LEARNED = 1000;

export function isTimeColumn(name: string): boolean {
  return TIME.test(name.trim());
}

export function isRecordingColumn(name: string): boolean {
  return RECORDING.test(name.trim());
}

/** Sees the rows of a table one after another. Only places within rows of one label count: windows end there anyway. */
export class RecordingWatch {
  readonly #time: number;
  readonly #recording: number;
  readonly #header: readonly string[];
  readonly #back = new Places();
  readonly #jumps = new Places();
  readonly #changes = new Places();
  /** Until the usual step is known. */
  #steps: { readonly step: number; readonly place: Place }[] = [];
  #usual: number | undefined;
  #last: { readonly label: number; readonly time: string; readonly recording: string } | undefined;

  /** @param header names of all columns */
  constructor(header: readonly string[], label: string | undefined) {
    const find = (is: (name: string) => boolean): number =>
      header.findIndex((name) => name !== label && is(name));
    this.#header = header;
    this.#time = find(isTimeColumn);
    this.#recording = find(isRecordingColumn);
  }

  row(fields: readonly string[], label: number, line: number): void {
    const time = fields[this.#time] ?? '';
    const recording = fields[this.#recording] ?? '';
    const last = this.#last;
    this.#last = { label, time, recording };
    if (last?.label !== label) return;
    if (recording !== last.recording) {
      this.#changes.add({ line, from: last.recording, to: recording });
    }
    const step = toTime(time) - toTime(last.time);
    const place = { line, from: last.time, to: time };
    if (step < 0) this.#back.add(place);
    if (!(step > 0)) return;
    if (this.#usual !== undefined) {
      if (step > GAP * this.#usual) this.#jumps.add(place);
      return;
    }
    this.#steps.push({ step, place });
    if (this.#steps.length === LEARNED) this.#learn();
  }

  notes(file: string): string[] {
    this.#learn();
    const told = ({ first, count }: Places, what: string): string[] => {
      if (first === undefined) return [];
      const more = count === 1 ? '' : `, and ${count - 1} more times,`;
      return [
        `${basename(file)}, line ${first.line}: ${what} from ${first.from} to ${first.to}${more} within rows of one label; ` +
          'windows there lie across two recordings. Name the column that tells them apart in dataset.recording, or give each recording a file of its own',
      ];
    };
    if (this.#changes.count > 0) {
      return told(this.#changes, `column "${this.#header[this.#recording]}" changes`);
    }
    const name = this.#header[this.#time];
    return [
      ...told(this.#back, `the time in column "${name}" goes back`),
      ...told(this.#jumps, `the time in column "${name}" jumps`),
    ];
  }

  #learn(): void {
    const steps = this.#steps;
    if (steps.length === 0) return;
    const sorted = steps.map(({ step }) => step).sort((a, b) => a - b);
    const usual = sorted[sorted.length >> 1]!;
    for (const { step, place } of steps) if (step > GAP * usual) this.#jumps.add(place);
    this.#usual = usual;
    this.#steps = [];
  }
}

interface Place {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

class Places {
  first: Place | undefined;
  count = 0;

  add(place: Place): void {
    this.first ??= place;
    this.count++;
  }
}

/** A number, or a date as milliseconds; NaN for anything else. */
export function toTime(text: string): number {
  if (text === '') return NaN;
  const number = Number(text.replace(',', '.'));
  return Number.isNaN(number) ? Date.parse(text) : number;
}
