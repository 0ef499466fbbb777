/** `east verify`: compiles and runs the generated sources and compares every output byte. */
import type { Style } from '../../core/report/format-report';
import type { VerifyTarget } from '../../core/run/jobs';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { findFinishedRun, resultsError } from '../find-run';
import { print, remark, styleOf } from '../terminal';

export async function verify(argument: string | undefined, context: Context): Outcome {
  const { folder, config } = findFinishedRun(argument, context);
  const problem = folder.resultsProblem();
  if (problem !== undefined) throw resultsError(folder, problem);
  const { terminal } = context;
  const outcome = await context.jobs.verify(
    { config, folder },
    { onMessage: (message) => remark(terminal, message) },
  );
  for (const target of outcome.targets) {
    print(terminal, describe(target, styleOf(terminal)));
    for (const [name, value] of target.figures) print(terminal, `    ${name.padEnd(30)} ${value}`);
  }
  return outcome.ok ? EXIT.ok : EXIT.failure;
}

/** A part that could not run is no success: what was asked for is not known. */
function describe({ name, inputs, result }: VerifyTarget, style: Style): string {
  switch (result.status) {
    case 'passed':
      return style.good(`✓ ${name}: ${inputs} inputs, every output byte as trained`);
    case 'failed':
      return style.bad(`✗ ${name}: ${result.message}`);
    case 'skipped':
      return style.bad(`✗ ${name}: ${result.missing} is missing; type: ${result.install}`);
  }
}
