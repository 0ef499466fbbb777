/**
 * The folder of one run, `.east/runs/<id>/`: everything needed to go on after a crash, to show what happened and to
 * write the firmware again, in plain files. One process writes it (lock.ts); any number may read.
 *
 *   config.resolved.json   the config with every default
 *   config.east.json       the config as the user wrote it
 *   events.jsonl           what happened (events.ts)
 *   summary.json           what that amounts to (summary-file.ts)
 *   checkpoints/           step-*.ckpt, best.ckpt
 *   model.east             the encoded model (model-file.ts)
 *   examples.east          test inputs and the chip's answers (examples-file.ts)
 *   report.json            the report
 */
import { basename, join, relative, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/config';
import { configKeys, type ConfigKeys } from '../config/config-identity';
import type { EncodedModel } from '../firmware/encoded-model';
import type { Report } from '../report/report';
import { UserError } from '../util/errors';
import { removeTemporaryFiles, writeFileAtomic } from './atomic-file';
import { FILE_KINDS, isThere, look, readText, textIfThere } from '../util/read-file';
import { checkStored, NOT_JSON, type Checked } from '../util/stored';
import { Checkpoints } from './checkpoints';
import { checkRecorded } from '../config/recorded-config';
import { isInside } from '../config/workspace';
import { containerIfThere, writeContainer } from './container';
import { EventLog } from './event-log';
import type { RunEvent } from './events';
import { currentExamples, currentReport } from './earlier-versions';
import { decodeExamples, encodeExamples, type Examples } from './examples-file';
import { reportSchema } from './report-schema';
import { decodeModel, encodeModel, type ModelInfo } from './model-file';
import { EMPTY_SUMMARY, stateOf, type RunSummary } from './run-summary';
import {
  isSame,
  markOf,
  readNote,
  writeNote,
  type RunNote,
  type SummarisedLog,
} from './summary-file';

/** A run's folder that was deleted is not made anew. */
const IN_FOLDER = { folder: 'there' } as const;

export type RunState = 'new' | 'interrupted' | 'stopped' | 'finished' | 'failed' | 'damaged';

const RECORD = 'config.resolved.json';

export class RunFolder {
  readonly id: string;
  readonly checkpoints: Checkpoints;
  private readonly log: EventLog;
  /** The record as it was last read, and which file that was. */
  private checked: { readonly stamp: string; readonly config: Checked<ResolvedConfig> } | undefined;
  private summarised: SummarisedLog | undefined;
  /** The note as it was last read. */
  private last: RunNote | undefined;

  constructor(readonly path: string) {
    this.id = basename(path);
    this.checkpoints = new Checkpoints(join(path, 'checkpoints'));
    this.log = new EventLog(join(path, 'events.jsonl'));
  }

  /** Absolute path of a file of the run. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes both forms of the config, the first thing in a new folder. */
  saveConfig(config: ResolvedConfig, text: string): void {
    const record = `${JSON.stringify(config, null, 2)}\n`;
    if (Buffer.byteLength(record) > FILE_KINDS.recordedConfig.mostBytes) {
      throw new UserError('the config is too large to be recorded; make its lists shorter', {
        file: config.file,
      });
    }
    writeFileAtomic(this.file('config.east.json'), text, IN_FOLDER);
    writeFileAtomic(this.file(RECORD), record, IN_FOLDER);
  }

  /**
   * As recorded when the run was started, with paths in the workspace that the folder lies in today: it may have been
   * moved or mounted elsewhere since. Throws UserError where the record does not hold what a config may.
   */
  loadConfig(): ResolvedConfig {
    const file = this.file(RECORD);
    const stats = look(file, 'recordedConfig');
    // The time of the last change of anything is the system's alone to set.
    const stamp = [stats?.ino, stats?.size, stats?.mtimeMs, stats?.ctimeMs].join();
    if (this.checked?.stamp !== stamp) {
      const { workspace } = this;
      const value = parseJson(readText(file, 'recordedConfig'));
      const config = value === undefined ? { problem: NOT_JSON } : checkRecorded(value, workspace);
      this.checked = { stamp, config };
    }
    const { config } = this.checked;
    if ('value' in config) return config.value;
    throw new UserError(
      `the recorded config is damaged, or of another version of EAST (${config.problem})`,
      { file },
    );
  }

  loadConfigText(): string {
    return readText(this.file('config.east.json'), 'recordedConfig');
  }

  /** Throws UserError where the folder has been deleted or moved away: nobody would see what is written then. */
  requireThere(): void {
    if (isThere(this.file(RECORD))) return;
    throw new UserError(
      `the folder of run ${this.id} was deleted or moved away while the run was going on; start it again with "east run"`,
      { file: this.path },
    );
  }

  appendEvent(event: RunEvent): void {
    this.requireThere();
    this.log.append(event);
  }

  /** All of them; effectiveEvents() removes what a resume took back. */
  readEvents(): RunEvent[] {
    return this.log.read();
  }

  /** Whole lines of the log, bytes: where it has more, somebody has written to it since. */
  logBytes(): number {
    return this.log.bytes();
  }

  /**
   * What the log's last word is; `damaged` where there is a problem(). `interrupted` is also a run that is going
   * on: ask the lock (RunStore.holder).
   */
  state(): RunState {
    if (this.problem() !== undefined) return 'damaged';
    const state = stateOf(this.summary());
    // Its log is lost, and what it has computed is not.
    return state === 'new' && this.checkpoints.steps().length > 0 ? 'interrupted' : state;
  }

  /** What the log amounts to. Throws UserError where it is no plain file. */
  summary(): RunSummary {
    return (this.noted()?.log ?? this.summarise())?.summary ?? EMPTY_SUMMARY;
  }

  /** What is noted of the log, as long as nobody has written to it since. Throws UserError where it is no plain file. */
  notedLog(): SummarisedLog | undefined {
    return this.noted()?.log;
  }

  /** Of which config file (absolute path) it is, and how that was set. Throws as loadConfig() does. */
  configIdentity(): { readonly file: string; readonly keys: ConfigKeys } {
    const noted = this.noted()?.config;
    if (noted !== undefined) return { file: join(this.workspace, noted.file), keys: noted.keys };
    const config = this.loadConfig();
    return { file: config.file, keys: configKeys(config) };
  }

  /** Notes what log and config amount to for those who come next; for runs that nobody is writing. */
  note(): void {
    problemOf(() => {
      if (this.noted() !== undefined || this.problem() !== undefined) return;
      const mark = markOf(this.file(RECORD), 'recordedConfig');
      const { file, keys } = this.configIdentity();
      const log = this.summarise();
      // A line that a killed process has left half: the next writer removes it.
      if (log === undefined || mark === undefined || log.bytes !== this.logBytes()) return;
      const config = { ...mark, file: relative(this.workspace, file), keys };
      writeNote(this.file('summary.json'), { log, config });
    });
    // Whoever reads what is damaged is told of it; a run that has just ended did not fail by that.
  }

  /**
   * Why nothing can be done with the run: its config cannot be read, or not one line of its log where no checkpoint is
   * there either. undefined where something can.
   */
  problem(): UserError | undefined {
    return problemOf(() => {
      if (this.noted() !== undefined) return;
      this.loadConfig();
      const unreadable = this.summarise()?.unreadable;
      if (unreadable === undefined || this.summary().startedAt !== undefined) return;
      if (this.checkpoints.steps().length > 0) return;
      throw new UserError('the event log is damaged here', {
        file: this.file('events.jsonl'),
        line: unreadable.first,
        column: 1,
      });
    });
  }

  /** What of the log is passed over, as a sentence for people; undefined where all of it can be read. */
  logRemark(): string | undefined {
    const unreadable = (this.noted()?.log ?? this.summarise())?.unreadable;
    if (unreadable === undefined) return undefined;
    const { lines, first } = unreadable;
    return lines === 1
      ? `line ${first} of its event log cannot be read and is passed over`
      : `${lines} lines of its event log, the first of them line ${first}, cannot be read and are passed over`;
  }

  /** Whether anything is in it that was computed: nobody should be told to delete it then. */
  holdsWork(): boolean {
    const results = ['model.east', 'examples.east', 'report.json'];
    if (results.some((name) => isThere(this.file(name)))) return true;
    let steps = 0;
    const problem = problemOf(() => {
      steps = this.checkpoints.steps().length;
    });
    return problem !== undefined || steps > 0;
  }

  private get workspace(): string {
    return resolve(this.path, '../../..');
  }

  private noted(): RunNote | undefined {
    const config = markOf(this.file(RECORD), 'recordedConfig');
    const log = markOf(this.file('events.jsonl'), 'events');
    if (config === undefined || log === undefined) return undefined;
    const { last } = this;
    if (last !== undefined && isSame(last.log, log) && isSame(last.config, config)) return last;
    const note = readNote(this.file('summary.json'), log, config);
    if (
      note === undefined ||
      !isInside(resolve(this.workspace, note.config.file), this.workspace)
    ) {
      return undefined;
    }
    return (this.last = note);
  }

  private summarise(): SummarisedLog | undefined {
    const now = markOf(this.file('events.jsonl'), 'events');
    if (this.summarised === undefined || now === undefined || !isSame(this.summarised, now)) {
      this.summarised = this.log.summarise();
    }
    return this.summarised;
  }

  /** Why sources cannot be written from what the run has left: not there yet, or damaged. undefined where they can. */
  resultsProblem(): UserError | undefined {
    return problemOf(() => {
      const found = {
        'model.east': this.loadModel(),
        'examples.east': this.loadExamples(),
        'report.json': this.loadReport(),
      };
      for (const [name, content] of Object.entries(found)) {
        if (content === undefined) {
          throw new UserError('the file is missing', { file: this.file(name) });
        }
      }
    });
  }

  saveReport(report: Report): void {
    writeFileAtomic(this.file('report.json'), `${JSON.stringify(report, null, 2)}\n`, IN_FOLDER);
  }

  /** undefined when the run has not got that far. */
  loadReport(): Report | undefined {
    const file = this.file('report.json');
    const text = textIfThere(file, 'report');
    if (text === undefined) return undefined;
    const value = parseJson(text);
    const checked =
      value === undefined ? { problem: NOT_JSON } : checkStored(reportSchema, currentReport(value));
    if ('value' in checked) return checked.value;
    throw new UserError(
      `the report is damaged, or of another version of EAST (${checked.problem})`,
      { file },
    );
  }

  saveModel(encoded: EncodedModel, info: ModelInfo): void {
    writeContainer(this.file('model.east'), encodeModel(encoded, info), IN_FOLDER);
  }

  /** undefined when the run has not got that far. Throws UserError when it is damaged. */
  loadModel(): (ModelInfo & { readonly encoded: EncodedModel }) | undefined {
    const file = this.file('model.east');
    const container = containerIfThere(file, 'model');
    return container && decodeModel(container, file);
  }

  saveExamples(examples: Examples): void {
    writeContainer(this.file('examples.east'), encodeExamples(examples), IN_FOLDER);
  }

  /** undefined when the run has not got that far. Throws UserError when they are damaged. */
  loadExamples(): Examples | undefined {
    const file = this.file('examples.east');
    const container = containerIfThere(file, 'examples');
    return container && decodeExamples(currentExamples(container), file);
  }

  /** Call once, holding the lock, before writing to a folder that another process may have left in a hurry. */
  repair(): void {
    removeTemporaryFiles(this.path, 'all');
    removeTemporaryFiles(join(this.path, 'checkpoints'), 'all');
  }

  close(): void {
    this.log.close();
  }
}

/** undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(read: () => void): UserError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
