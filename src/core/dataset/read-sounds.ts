/** Format `wav`: the windows of both sets and their classes. Samples are read when windows are cut out of them. */
import { basename } from 'node:path';
import type { DatasetConfig, TaskConfig } from '../config/config';
import type { FrontendConfig } from '../frontends/config';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { anomalyClasses } from './anomalies';
import {
  classesOf,
  countLabel,
  unknownLabel,
  type Classes,
  type KnownClasses,
  type LabelUses,
} from './classes';
import type { Samples } from './dataset';
import { findFiles } from './files';
import { numberedSamples } from './raw-windows';
import type { SetName } from './numpy';
import { inspectWav } from './wav-header';
import {
  sectionsOfFolders,
  sectionsOfTable,
  WavWindows,
  type SoundSection,
  type WindowSetting,
} from './wav-windows';

export interface SoundSets {
  readonly classNames: readonly string[];
  readonly train: Samples;
  readonly test: Samples;
  readonly windows: { readonly train: WavWindows; readonly test: WavWindows };
  readonly notes: readonly string[];
}

export interface SoundSource {
  readonly config: DatasetConfig;
  readonly frontend: FrontendConfig;
  /** Undefined: as many as there are. */
  readonly classes: number | undefined;
  readonly task?: TaskConfig;
  /** Of a network that was trained before. */
  readonly network: KnownClasses | undefined;
  readonly workspace: string;
}

export async function readSounds(source: SoundSource): Promise<SoundSets> {
  const { config, frontend, classes: count, network, task } = source;
  const [train, test] = [await sectionsOf('train', source), await sectionsOf('test', source)];
  const uses: LabelUses = new Map();
  for (const { label, where, line } of train) {
    countLabel(uses, label, () =>
      line === undefined ? where : `${basename(where)}, line ${line}`,
    );
  }
  const place = config.trainLabels ?? config.train;
  const classes =
    task?.kind === 'anomaly'
      ? anomalyClasses(
          [...train, ...test].map(({ label }) => label),
          task.normal,
          place,
        )
      : classesOf(uses, count, place, undefined, network);
  const setting: WindowSetting = {
    length: frontend.length,
    step: config.step ?? frontend.length,
    channels: frontend.channels,
    sampleRate: frontend.sampleRate ?? inspectWav(train[0]!.file).sampleRate,
  };
  const windows = {
    train: await WavWindows.find(train, setting),
    test: await WavWindows.find(test, setting),
  };
  const subjects = new Map<string, number>();
  const samples = {
    train: labelled(windows.train, train, classes, subjects),
    test: labelled(windows.test, test, classes, new Map()),
  };
  checkSubjects(train, test);
  return { classNames: classes.names, ...samples, windows, notes: classes.notes };
}

async function sectionsOf(
  set: SetName,
  { config, workspace }: SoundSource,
): Promise<readonly SoundSection[]> {
  const labels = set === 'train' ? config.trainLabels : config.testLabels;
  const key = `dataset.${set}`;
  if (labels === undefined) return sectionsOfFolders(config[set], key, workspace);
  const sections: SoundSection[] = [];
  for (const table of await findFiles(labels, `${key}Labels`, workspace)) {
    sections.push(...(await sectionsOfTable(table, config[set], key, workspace)));
  }
  return sections;
}

function labelled(
  windows: WavWindows,
  sections: readonly SoundSection[],
  classes: Classes,
  numbers: Map<string, number>,
): Samples {
  const targets = sections.map(({ label, where, line, file }) => {
    const index = classes.indexOf.get(label);
    if (index !== undefined) return index;
    const at = line === undefined ? { file } : { file: where, line };
    throw new UserError(unknownLabel(label, classes), at);
  });
  const subjects = sections.map(({ subject, file }) => {
    const name = subject ?? file;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
  const { sectionOf } = windows;
  return numberedSamples(
    Float32Array.from(sectionOf, (section) => targets[section]!),
    sectionOf.length,
    Uint32Array.from(sectionOf, (section) => subjects[section]!),
  );
}

/** Somebody who is in both sets is known to the network already. */
function checkSubjects(train: readonly SoundSection[], test: readonly SoundSection[]): void {
  const known = new Set(train.flatMap(({ subject }) => subject ?? []));
  const both = test.find(({ subject }) => subject !== undefined && known.has(subject));
  if (both === undefined) return;
  throw new UserError(
    `subject "${both.subject}" is in the training set, too, so the test would say nothing about new ones; move all of its recordings into one of the two`,
    { file: both.where, ...defined({ line: both.line }) },
  );
}
