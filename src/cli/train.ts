/** The part that `run` and `resume` share: lock, interrupt, progress, and what to say at the end. */
import { relative } from 'node:path';
import type { ResolvedConfig } from '../core/config/config';
import type { RunFolder } from '../core/run/run-folder';
import type { RunStore } from '../core/run/run-store';
import type { Context, Outcome } from './context';
import { EXIT } from './exit-codes';
import { withInterrupt } from './interrupt';
import { writeSources } from './write-sources';
import { createProgress } from './progress';
import { renderReport } from './report-table';
import { shellWord } from './shell-word';
import { print, remark } from './terminal';
import { defined } from '../core/util/defined';

export interface TrainOptions {
  /** Write the sources when the run is finished. */
  readonly generate?: boolean;
  /** `--no-reuse`: false. */
  readonly reuse?: boolean;
}

/** `open` is called with the config's lock held. */
export async function trainRun(
  context: Context,
  config: ResolvedConfig,
  store: RunStore,
  open: () => RunFolder,
  options: TrainOptions,
): Outcome {
  const { terminal, actions, cwd } = context;
  const lock = await store.lock(config.file, (note) => remark(terminal, note));
  try {
    const folder = open();
    folder.repair();
    const progress = createProgress(terminal, config.east.method);
    try {
      progress.note(`run ${folder.id}`);
      const result = await withInterrupt(terminal, progress.end, (signal) =>
        actions.run({
          config,
          folder,
          signal,
          requireLock: () => lock.requireHeld(),
          onEvent: (event) => progress.onEvent(event),
          onNote: (note) => progress.note(note),
          ...defined({ reuse: options.reuse }),
        }),
      );
      progress.end();
      const name = shellWord(relative(cwd, config.file));
      if (result.status === 'stopped') {
        remark(terminal, `Stopped at step ${result.step}. Go on with: east resume ${name}`);
        return EXIT.interrupted;
      }
      print(terminal, renderReport(result.report, terminal));
      if (options.generate) await writeSources({ config, folder }, { force: false }, context);
      else remark(terminal, `\nWrite the sources with: east generate ${name}`);
      return EXIT.ok;
    } finally {
      progress.end();
      folder.close();
    }
  } finally {
    lock.release();
  }
}
