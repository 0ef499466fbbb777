/**
 * A run's checkpoints: the last two, because the newest may be the one that a crash damaged. What is inside is the
 * trainer's business; here they are containers numbered by optimiser step.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../util/errors';
import { withFileErrors } from '../util/file-errors';
import { requireRecordPath } from '../util/read-file';
import { readContainer, writeContainer, type Container } from './container';

const KEEP = 2;
const STEP_FILE = /^step-(\d{9})\.ckpt$/;

export interface LoadedCheckpoint extends Container {
  readonly step: number;
  readonly file: string;
  /** Newer checkpoints that were damaged and passed over, as messages for the user. */
  readonly warnings: readonly string[];
}

export class Checkpoints {
  constructor(private readonly folder: string) {}

  /** Writes the checkpoint of `step` atomically, then drops all but the last two. Throws UserError, none lost. */
  save(step: number, content: Container): void {
    // Only this folder: where the run's has been deleted, it is not made anew.
    withFileErrors('write', this.folder, () => {
      if (!existsSync(this.folder)) mkdirSync(this.folder);
    });
    writeContainer(this.fileOf(step), content, { folder: 'there' });
    // A run that was resumed from an older step overwrites its later ones again; the newest two by step stay.
    for (const old of this.steps().slice(KEEP)) {
      withFileErrors('delete', this.fileOf(old), () => rmSync(this.fileOf(old), { force: true }));
    }
  }

  /** The newest checkpoint that is intact; undefined when there is none at all. Throws UserError when all are damaged. */
  load(): LoadedCheckpoint | undefined {
    const warnings: string[] = [];
    for (const step of this.steps()) {
      const file = this.fileOf(step);
      try {
        return { ...readContainer(file, 'checkpoint'), step, file, warnings };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        warnings.push(`${file}: ${error.message}`);
      }
    }
    if (warnings.length === 0) return undefined;
    throw new UserError(
      `no checkpoint of the run can be read; start a new run\n  ${warnings.join('\n  ')}`,
      { file: this.folder },
    );
  }

  /** Steps that have a checkpoint, newest first. */
  steps(): number[] {
    requireRecordPath(this.folder);
    if (!existsSync(this.folder)) return [];
    return withFileErrors('read', this.folder, () => readdirSync(this.folder))
      .flatMap((name) => STEP_FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  private fileOf(step: number): string {
    return join(this.folder, `step-${String(step).padStart(9, '0')}.ckpt`);
  }
}
