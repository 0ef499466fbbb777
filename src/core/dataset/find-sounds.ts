/** Finds folders of class folders of WAV files, and what front end suits them, for find-datasets.ts. */
import { posix, resolve } from 'node:path';
import type { FrontendFile } from '../frontends/config';
import { featureShape } from '../frontends/frontends';
import { resolveFrontend } from '../frontends/resolve';
import { defined } from '../util/defined';
import { isOf, SOUNDS } from './class-folders';
import type { FoundDataset, ListedFolder } from './found-dataset';
import { listFolder } from './list-folder';
import { pairSets } from './set-names';
import { inspectWav } from './wav-header';

/** Classes, and sounds of each, that are looked at. */
const SAMPLED_CLASSES = 12;
const SAMPLED_SOUNDS = 8;
const FEWEST_SOUNDS = 2;
/** What speech and most sounds to be told apart need of the rate of a recording. */
const MOST_RATE = 16_000;
const LONGEST_WINDOW = 1;

/** Whether a folder holds nothing but class folders of sounds; one class alone is of something to be learned as normal. */
export async function looksLikeSounds(root: string, folder: ListedFolder): Promise<boolean> {
  if (folder.files.length > 0 || folder.folders.length === 0) return false;
  for (const name of folder.folders.slice(0, SAMPLED_CLASSES)) {
    const sounds = await soundsOf(resolve(root, folder.path, name), root);
    if (sounds === undefined || sounds.length < FEWEST_SOUNDS) return false;
  }
  return true;
}

export async function describeSounds(
  root: string,
  folders: readonly ListedFolder[],
  signal: AbortSignal | undefined,
): Promise<FoundDataset[]> {
  const found: FoundDataset[] = [];
  // A test set may hold anomalies that nobody trains on.
  const fit = (train: ListedFolder, test: ListedFolder): boolean => {
    const names = classNames(test);
    return classNames(train).every((name) => names.includes(name));
  };
  for (const { train, test } of pairSets(folders, fit)) {
    if (signal?.aborted === true) break;
    const looked = await lookAt(root, train);
    if (looked === undefined) continue;
    const counts = await Promise.all(
      train.folders.map(
        async (name) => (await soundsOf(resolve(root, train.path, name), root))?.length ?? 0,
      ),
    );
    found.push({
      format: 'wav',
      train: train.path,
      ...defined({ test: test?.path }),
      ...looked,
      classes: train.folders.length,
      classNames: classNames(train),
      examples: counts.reduce((sum, n) => sum + n, 0),
    });
  }
  return found;
}

function classNames({ folders }: ListedFolder): string[] {
  return folders.map((name) => name.normalize('NFC')).sort();
}

/** Names of the sounds in a folder; undefined where it holds anything else. */
async function soundsOf(folder: string, root: string): Promise<readonly string[] | undefined> {
  const { files, folders, others } = await listFolder(folder, root);
  return folders.length + others.length === 0 && files.every((name) => isOf(SOUNDS, name))
    ? files
    : undefined;
}

/** By the headers of some sounds of each class; undefined where none can be read. */
async function lookAt(
  root: string,
  folder: ListedFolder,
): Promise<Pick<FoundDataset, 'input' | 'frontend'> | undefined> {
  const rates: number[] = [];
  const seconds: number[] = [];
  for (const name of folder.folders.slice(0, SAMPLED_CLASSES)) {
    const sounds = (await soundsOf(resolve(root, folder.path, name), root)) ?? [];
    const step = Math.ceil(sounds.length / SAMPLED_SOUNDS);
    for (const each of sounds.filter((_, i) => i % step === 0)) {
      try {
        const header = inspectWav(resolve(root, posix.join(folder.path, name, each)));
        rates.push(header.sampleRate);
        seconds.push(header.frames / header.sampleRate);
      } catch {
        // Training says what is wrong with it.
      }
    }
  }
  if (rates.length === 0) return undefined;
  return suitableFrontend(Math.min(...rates), median(seconds));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** What mostly does, and what its examples are like: log-mel bands of up to a second. */
export function suitableFrontend(
  sampleRate: number,
  seconds: number,
): Pick<FoundDataset, 'input' | 'frontend'> | undefined {
  const rate = Math.min(sampleRate, MOST_RATE);
  const milliseconds = Math.round(1000 * Math.min(seconds, LONGEST_WINDOW));
  const frontend: FrontendFile = {
    kind: 'log-mel',
    sampleRate: rate,
    length: `${Math.max(100, milliseconds)} ms`,
  };
  const resolved = resolveFrontend(frontend, () => undefined);
  if (resolved === undefined) return undefined;
  const [frames, features] = featureShape(resolved);
  return { input: [frames, features, 1], frontend };
}
