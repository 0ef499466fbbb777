/** What of a config decides which bytes come out, independent of where the workspace lies on this machine. */
import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import { USUAL_CODEC } from '../codecs/choice';
import { canonicalJson } from '../util/canonical-json';
import { isRecord } from '../util/is-record';
import { DEFAULT_DECODE, isUntrained, type ResolvedConfig, type TaskConfig } from './config';
import { escapePattern, isPattern, withSlashes } from './glob';
import type { PathKind } from './paths';
import { defined, ifDefined } from '../util/defined';

/**
 * SHA-256 of everything that can change the generated sources. Comments, formatting, the firmware folder's place, its
 * linker script, map and memory regions, and how often checkpoints are written do not; a moved workspace does not either.
 */
export function configFingerprint(config: ResolvedConfig): string {
  return createHash('sha256')
    .update(canonicalJson(decisive(config)))
    .digest('hex');
}

/**
 * The keys, as `budget.flash`, in which two configs differ as far as the fingerprint counts; in the order of the text,
 * empty exactly where the fingerprints are equal.
 */
export function configChanges(before: ResolvedConfig, after: ResolvedConfig): string[] {
  return changedKeys(configKeys(before), configKeys(after));
}

/** As configChanges, of what was kept of two configs. */
export function changedKeys(before: ConfigKeys, after: ConfigKeys): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}

/** What each key, as `budget.flash`, is set to, as far as the fingerprint counts it: a digest, equal for equal values. */
export type ConfigKeys = Readonly<Record<string, string>>;

/** Down to the key of a section, since `model.layers` says more to people than an entry's place in it. */
export function configKeys(config: ResolvedConfig): ConfigKeys {
  const keys: Record<string, string> = {};
  for (const [name, section] of Object.entries(decisive(config))) {
    if (!isRecord(section)) keys[name] = digest(section);
    else for (const [key, value] of Object.entries(section)) keys[`${name}.${key}`] = digest(value);
  }
  // Undefined is a key that is not there.
  return Object.fromEntries(
    Object.entries(keys).filter(([, value]) => value !== digest(undefined)),
  );
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

/** What of a config counts; the same for the same network, data and settings wherever they lie. */
function decisive(config: ResolvedConfig): Record<string, unknown> {
  const moved = withWorkspace(config, '');
  const { file, sha256, ...model } = moved.model;
  return {
    ...moved,
    file: '',
    // A network in a file counts by what it is, wherever it lies.
    model: { ...model, ...defined({ file: sha256 ?? file }) },
    task: isPlain(moved.task) ? undefined : moved.task,
    // Absent where it is what it always was before there was a choice, so that older sources stay current.
    east: {
      ...moved.east,
      encoder: moved.east.encoder === 'greedy' ? 'greedy' : undefined,
      codec: moved.east.codec === USUAL_CODEC ? undefined : moved.east.codec,
    },
    budget: {
      ...moved.budget,
      decode: moved.budget.decode === DEFAULT_DECODE ? undefined : moved.budget.decode,
      // What a result must be does not change it.
      accuracy: undefined,
      floor: undefined,
    },
    training: isUntrained(moved)
      ? { seed: moved.training.seed }
      : { ...moved.training, checkpointSeconds: 0 },
    firmware: { ...moved.firmware, directory: '', ...NO_LINKER },
  };
}

/** The one task that there was before configs named any. */
function isPlain({ kind, classWeights = 'none' }: TaskConfig): boolean {
  return kind === 'classification' && classWeights === 'none';
}

/** What the sources are held against, but do not depend on. */
const NO_LINKER = {
  linkerScript: undefined,
  mapFile: undefined,
  flashRegion: undefined,
  ramRegion: undefined,
};

/** The same config in a workspace folder that now lies elsewhere: absolute paths inside it move along. */
export function withWorkspace(config: ResolvedConfig, workspace: string): ResolvedConfig {
  if (config.workspace === workspace) return config;
  const move = pathMover(config.workspace, workspace);
  const { model, dataset, training, firmware } = config;
  return {
    ...config,
    file: move(config.file),
    workspace,
    model: { ...model, ...defined({ file: ifDefined(model.file, move) }) },
    ...(dataset && {
      dataset: {
        ...dataset,
        train: move(dataset.train),
        test: move(dataset.test),
        ...defined({
          trainLabels: ifDefined(dataset.trainLabels, move),
          testLabels: ifDefined(dataset.testLabels, move),
        }),
      },
    }),
    training: {
      ...training,
      ...defined({ initialWeights: ifDefined(training.initialWeights, move) }),
    },
    firmware: {
      ...firmware,
      directory: move(firmware.directory),
      ...defined({
        linkerScript: ifDefined(firmware.linkerScript, move),
        mapFile: ifDefined(firmware.mapFile, move),
      }),
    },
  };
}

/** Moves absolute paths and patterns inside one folder to where they are in another; others stay. */
export function pathMover(from: string, to: string): (path: string, kind?: PathKind) => string {
  // Patterns have forward slashes on every system, and what would be a wildcard in the folder's own path is escaped.
  const starts = [from + sep, `${withSlashes(from)}/`, `${escapePattern(withSlashes(from))}/`];
  return (path, kind = 'path') => {
    if (path === from) return to;
    const start = starts.find((each) => path.startsWith(each));
    if (start === undefined) return path;
    const rest = path.slice(start.length);
    return kind === 'pattern' && isPattern(rest)
      ? `${escapePattern(withSlashes(to))}/${rest}`
      : to + start.slice(-1) + rest;
  };
}
