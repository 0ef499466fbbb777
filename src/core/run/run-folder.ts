/**
 * The folder of one run, `.east/runs/<id>/`: everything needed to go on after a crash, to show what happened and to
 * write the firmware again, in plain files. One process writes it (lock.ts); any number may read.
 *
 *   config.resolved.json   the config with every default
 *   config.east.json       the config as the user wrote it
 *   events.jsonl           what happened (events.ts)
 *   checkpoints/           step-*.ckpt, best.ckpt
 *   model.east             the encoded model (model-file.ts)
 *   examples.east          test inputs and the chip's answers (examples-file.ts)
 *   report.json            the report
 */
import { basename, join, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/config';
import type { EncodedModel } from '../firmware/encoded-model';
import type { Report } from '../report/report';
import { UserError } from '../util/errors';
import { removeTemporaryFiles, writeFileAtomic } from './atomic-file';
import { FILE_KINDS, readText, textIfThere } from '../util/read-file';
import { checkStored, NOT_JSON, type Checked } from '../util/stored';
import { Checkpoints } from './checkpoints';
import { checkRecorded } from '../config/recorded-config';
import { containerIfThere, writeContainer } from './container';
import { EventLog } from './event-log';
import type { RunEvent } from './events';
import { currentExamples, currentReport } from './earlier-versions';
import { decodeExamples, encodeExamples, type Examples } from './examples-file';
import { reportSchema } from './report-schema';
import { decodeModel, encodeModel, type ModelInfo } from './model-file';

export type RunState = 'new' | 'interrupted' | 'stopped' | 'finished' | 'failed' | 'damaged';

export class RunFolder {
  readonly id: string;
  readonly checkpoints: Checkpoints;
  private readonly log: EventLog;
  /** The record as it was last read. */
  private checked: { readonly text: string; readonly config: Checked<ResolvedConfig> } | undefined;

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
    writeFileAtomic(this.file('config.east.json'), text);
    writeFileAtomic(this.file('config.resolved.json'), record);
  }

  /**
   * As recorded when the run was started, with paths in the workspace that the folder lies in today: it may have been
   * moved or mounted elsewhere since. Throws UserError where the record does not hold what a config may.
   */
  loadConfig(): ResolvedConfig {
    const file = this.file('config.resolved.json');
    const text = readText(file, 'recordedConfig');
    if (this.checked?.text !== text) {
      const workspace = resolve(this.path, '../../..');
      const value = parseJson(text);
      const config = value === undefined ? { problem: NOT_JSON } : checkRecorded(value, workspace);
      this.checked = { text, config };
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

  appendEvent(event: RunEvent): void {
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
   * What the log's last word is; `damaged` where log or config cannot be read. `interrupted` is also a run that is going
   * on: ask the lock (RunStore.holder).
   */
  state(): RunState {
    if (this.problem() !== undefined) return 'damaged';
    const last = this.log.skim().at(-1);
    if (last === undefined) return 'new';
    if (last.type === 'stopped' || last.type === 'finished' || last.type === 'failed') {
      return last.type;
    }
    return 'interrupted';
  }

  /** Why config or log cannot be read; undefined where they can. */
  problem(): UserError | undefined {
    return problemOf(() => {
      this.loadConfig();
      this.log.skim();
    });
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
    writeFileAtomic(this.file('report.json'), `${JSON.stringify(report, null, 2)}\n`);
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
    writeContainer(this.file('model.east'), encodeModel(encoded, info));
  }

  /** undefined when the run has not got that far. Throws UserError when it is damaged. */
  loadModel(): (ModelInfo & { readonly encoded: EncodedModel }) | undefined {
    const file = this.file('model.east');
    const container = containerIfThere(file, 'model');
    return container && decodeModel(container, file);
  }

  saveExamples(examples: Examples): void {
    writeContainer(this.file('examples.east'), encodeExamples(examples));
  }

  /** undefined when the run has not got that far. Throws UserError when they are damaged. */
  loadExamples(): Examples | undefined {
    const file = this.file('examples.east');
    const container = containerIfThere(file, 'examples');
    return container && decodeExamples(currentExamples(container), file);
  }

  /** Call once, holding the lock, before writing to a folder that another process may have left in a hurry. */
  repair(): void {
    removeTemporaryFiles(this.path);
    removeTemporaryFiles(join(this.path, 'checkpoints'));
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
