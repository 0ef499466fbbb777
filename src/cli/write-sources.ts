/** Generating and saying so: at the end of `run --generate` and in `generate`. The run must be finished. */
import { relative } from 'node:path';
import type { RunTarget } from '../core/run/actions';
import type { Context } from './context';
import { print } from './terminal';

export async function writeSources(
  run: RunTarget,
  options: { readonly force: boolean },
  { actions, cwd, terminal }: Context,
): Promise<void> {
  const { directory, files } = await actions.generate(run, options);
  const where = relative(cwd, directory) || '.';
  print(terminal, `${files.length} files of run ${run.folder.id} are in ${where}`);
}
