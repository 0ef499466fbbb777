/**
 * Format `wav`: which windows there are in the sound files of a set, and which class each is of. Classes are folders, or stand
 * in a label file, a table of file, start, end and label, for recordings in which one follows the other.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, posix } from 'node:path';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { listClassFolder, SOUNDS } from './class-folders';
import { checkHeader, csvRecords } from './csv-records';
import { confine } from './files';
import { breathe } from './progress';
import { cutOut, windowsIn, type RawWindows } from './raw-windows';
import { readSound, type SoundFacts } from './sound';
import { inspectWav } from './wav-header';

export interface WindowSetting {
  /** Samples of a window, and from the start of one to that of the next. */
  readonly length: number;
  readonly step: number;
  readonly channels: number;
  readonly sampleRate: number;
}

/** Where a label holds. */
export interface SoundSection {
  readonly file: string;
  /** Seconds; undefined: the whole file. */
  readonly from?: number;
  readonly to?: number;
  readonly label: string;
  /** Who speaks, or what is recorded; undefined: each file is one. */
  readonly subject?: string;
  /** In words, for messages. */
  readonly where: string;
  readonly line?: number;
}

/** The windows of a set of recordings, in the order of the sections. */
export class WavWindows implements RawWindows {
  readonly sampleRate: number;
  /** Of each window, the number of its section. */
  readonly sectionOf: readonly number[];
  readonly #setting: WindowSetting;
  readonly #sections: readonly SoundSection[];
  readonly #starts: readonly number[];
  readonly #facts = new Map<string, SoundFacts>();
  #read: { readonly file: string; readonly data: Int16Array } | undefined;

  private constructor(
    setting: WindowSetting,
    sections: readonly SoundSection[],
    starts: readonly number[],
    sectionOf: readonly number[],
  ) {
    this.sampleRate = setting.sampleRate;
    this.#setting = setting;
    this.#sections = sections;
    this.#starts = starts;
    this.sectionOf = sectionOf;
  }

  /** Reads the headers of all files. */
  static async find(
    sections: readonly SoundSection[],
    setting: WindowSetting,
  ): Promise<WavWindows> {
    const { length, step, sampleRate } = setting;
    const starts: number[] = [];
    const sectionOf: number[] = [];
    const seconds = new Map<string, number>();
    for (const [number, section] of sections.entries()) {
      const { file } = section;
      let duration = seconds.get(file);
      if (duration === undefined) {
        const header = inspectWav(file);
        duration = header.frames / header.sampleRate;
        seconds.set(file, duration);
        if (seconds.size % 256 === 0) await breathe();
      }
      const { from = 0, to = duration } = section;
      checkSection(section, duration);
      const found = windowsIn(
        Math.round(from * sampleRate),
        Math.round(Math.min(to, duration) * sampleRate),
        length,
        step,
      );
      for (const start of found) {
        starts.push(start);
        sectionOf.push(number);
      }
    }
    return new WavWindows(setting, sections, starts, sectionOf);
  }

  async cut(number: number, offset: number, length: number): Promise<Int16Array> {
    const { file } = this.#sections[this.sectionOf[number]!]!;
    const { channels } = this.#setting;
    if (this.#read?.file !== file) {
      // The one before is let go first.
      this.#read = undefined;
      const { data, facts } = await readSound(file, this.#setting);
      this.#facts.set(file, facts);
      this.#read = { file, data };
    }
    return cutOut(this.#read.data, channels, this.#starts[number]! + offset, length);
  }

  notes(set: string): string[] {
    return soundNotes(this.#facts, this.#setting, set);
  }
}

/** Half a second beyond the end of a file is nobody's mistake. */
const TOLERANCE = 0.5;

function checkSection({ file, from = 0, to, where, line }: SoundSection, duration: number): void {
  const at = { file: line === undefined ? file : where, ...defined({ line }) };
  if (to !== undefined && to <= from) {
    throw new UserError(`the section ends at ${to} s, but begins at ${from} s`, at);
  }
  if (from < duration && (to ?? 0) <= duration + TOLERANCE) return;
  throw new UserError(
    `the section from ${from} s to ${to ?? duration} s is not in ${basename(file)}, which has ${duration.toFixed(2)} s`,
    at,
  );
}

/** Each of them once, with how many files of the set it is true of. */
export function soundNotes(
  facts: ReadonlyMap<string, SoundFacts>,
  { sampleRate, channels, length }: Pick<WindowSetting, 'sampleRate' | 'channels' | 'length'>,
  set: string,
): string[] {
  const told = (is: (facts: SoundFacts) => boolean, what: string): string[] => {
    const files = [...facts].flatMap(([file, of]) => (is(of) ? [file] : [])).sort();
    const [first] = files;
    if (first === undefined) return [];
    const one = posix.join(basename(dirname(first)), basename(first));
    return [
      files.length === 1
        ? `${one} is ${what}`
        : `${files.length} of the ${facts.size} sound files of the ${set} (${one} is the first) are ${what}`,
    ];
  };
  const every = [...facts.values()];
  const rates = [...new Set(every.map((of) => of.sampleRate))];
  const others = rates.filter((rate) => rate !== sampleRate).sort((a, b) => a - b);
  const [least = sampleRate] = others;
  // Resampling adds nothing: above half of a file's own rate there stays silence.
  const missing =
    least < sampleRate
      ? `, with nothing above ${least / 2} Hz in those of ${least} Hz; frontend.sampleRate may be as low`
      : '';
  const window = length / sampleRate;
  const peak = Math.max(...every.map(({ beyond = 0 }) => beyond));
  return [
    ...told(
      (of) => of.sampleRate !== sampleRate,
      `of ${others.join(', ')} Hz: resampled to the ${sampleRate} Hz of the front end${missing}`,
    ),
    ...told(
      (of) => of.channels !== channels,
      `of several channels: mixed down to the one of the front end`,
    ),
    ...told(
      ({ seconds }) => seconds < window / 2,
      `shorter than half a window of ${formatSeconds(window)}: the rest of it is silence; a smaller frontend.length has less of that`,
    ),
    ...told(
      ({ silent }) => silent,
      'silent: hardly a sample differs from another, so there is nothing to be learned; was the microphone on? ' +
        'Record again, or leave out, what is not of a class for silence',
    ),
    ...told(
      ({ beyond }) => beyond !== undefined && beyond > 1 + OVERSHOOT,
      `of floats of up to ${Number(peak.toPrecision(3))}, where those of a WAV file go from −1 to 1: what is beyond is cut off; write them scaled`,
    ),
    ...told(
      ({ clipped, beyond = 1 }) => clipped > CLIPPED && beyond <= 1 + OVERSHOOT,
      'clipped: too loud for the recorder, so the tops of the waves are cut off; record with less gain',
    ),
  ];
}

/** A filter of a recorder's may go so far beyond the range. */
const OVERSHOOT = 0.5;

function formatSeconds(seconds: number): string {
  return seconds < 1 ? `${Math.round(1000 * seconds)} ms` : `${Number(seconds.toPrecision(3))} s`;
}

/** Share of clipped samples from which on a recording is said to be so; a single loud moment is none. */
const CLIPPED = 0.005;

/** A folder for each class. */
export function sectionsOfFolders(
  folder: string,
  key: string,
  workspace: string,
): readonly SoundSection[] {
  const { files, labels, classNames } = listClassFolder(SOUNDS, folder, key, workspace);
  return files.map((file, i) => ({
    file,
    label: classNames[labels[i]!]!,
    where: basename(file),
  }));
}

/**
 * The rows of a label file: columns `file` and `label`; `start` and `end` in seconds, without which the whole file is of
 * that label; `subject`, where it is to be known who speaks.
 * @param folder that the files lie in
 */
export async function sectionsOfTable(
  table: string,
  folder: string,
  key: string,
  workspace: string,
): Promise<readonly SoundSection[]> {
  const sections: SoundSection[] = [];
  let columns: Columns | undefined;
  for await (const { fields, line } of csvRecords(table)) {
    if (columns === undefined) {
      checkHeader(fields, table);
      columns = findColumns(fields, table);
      continue;
    }
    sections.push(readSection(fields, columns, { table, folder, line, key, workspace }));
  }
  if (sections.length === 0) throw new UserError('the label file has no rows', { file: table });
  checkOverlaps(sections, table);
  return sections;
}

/** What hearing and marking differ by. */
const SLIP = 0.25;

/** Throws UserError where a part of a recording is of two labels: its windows would teach one thing and its opposite. */
function checkOverlaps(sections: readonly SoundSection[], table: string): void {
  const byFile = new Map<string, SoundSection[]>();
  for (const section of sections) {
    const known = byFile.get(section.file);
    if (known === undefined) byFile.set(section.file, [section]);
    else known.push(section);
  }
  for (const of of byFile.values()) {
    const sorted = of.sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
    // Of those before, the one that goes on for longest, for each label.
    const open = new Map<string, SoundSection>();
    for (const section of sorted) {
      const { from = 0, to = Infinity, label, file, line } = section;
      for (const [other, before] of open) {
        const shared = Math.min(to, before.to ?? Infinity) - from;
        if (other === label || shared <= SLIP) continue;
        throw new UserError(
          `what is "${label}" here is "${other}" in line ${before.line}: both sections of ${basename(file)} hold what begins at ${from} s; give each part of a recording one label`,
          { file: table, ...defined({ line }) },
        );
      }
      const known = open.get(label);
      if (known === undefined || to > (known.to ?? Infinity)) open.set(label, section);
    }
  }
}

type Columns = Readonly<Record<'file' | 'label' | 'start' | 'end' | 'subject', number>>;

function findColumns(names: readonly string[], file: string): Columns {
  const lower = names.map((name) => name.trim().toLowerCase());
  const find = (name: string): number => lower.indexOf(name);
  for (const name of ['file', 'label']) {
    if (find(name) >= 0) continue;
    throw new UserError(
      `a label file has columns "file" and "label", and "start" and "end" in seconds; this one has ${names.join(', ')}`,
      { file, line: 1 },
    );
  }
  return {
    file: find('file'),
    label: find('label'),
    start: find('start'),
    end: find('end'),
    subject: find('subject'),
  };
}

interface Row {
  readonly table: string;
  readonly folder: string;
  readonly line: number;
  readonly key: string;
  readonly workspace: string;
}

function readSection(
  fields: readonly string[],
  columns: Columns,
  { table, folder, line, key, workspace }: Row,
): SoundSection {
  const at = { file: table, line };
  const name = fields[columns.file] ?? '';
  const label = (fields[columns.label] ?? '').normalize('NFC');
  if (name === '') throw new UserError('column "file" is empty', at);
  if (label === '') throw new UserError('column "label" (the class) is empty', at);
  const seconds = (column: number, what: string): number | undefined => {
    const text = fields[column] ?? '';
    if (text === '') return undefined;
    const value = Number(text.replace(',', '.'));
    if (Number.isFinite(value) && value >= 0) return value;
    throw new UserError(`column "${what}" holds "${text}", which is no time in seconds`, at);
  };
  const file = isAbsolute(name) ? name : join(folder, name);
  confine(file, key, workspace);
  if (!existsSync(file)) {
    throw new UserError(`column "file" names ${name}, which is not in ${basename(folder)}`, at);
  }
  const from = seconds(columns.start, 'start');
  const to = seconds(columns.end, 'end');
  const subject = fields[columns.subject] ?? '';
  return {
    file,
    label,
    where: table,
    line,
    ...defined({ from, to, subject: subject === '' ? undefined : subject }),
  };
}
