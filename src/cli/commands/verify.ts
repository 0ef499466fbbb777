/** `east verify`: compiles and runs the generated sources and compares every output byte. */
import type { ResolvedConfig } from '../../core/config/config';
import { configFingerprint } from '../../core/config/config-identity';
import { readManifest } from '../../core/firmware/manifest';
import type { Style } from '../../core/report/format-report';
import type { VerifyTarget } from '../../core/run/actions';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import {
  findFinishedRun,
  hasRuns,
  openConfig,
  remarkOnChanges,
  resultsError,
  type FoundRun,
} from '../find-run';
import { print, remark, styleOf } from '../terminal';

export async function verify(argument: string | undefined, context: Context): Outcome {
  const { terminal, actions } = context;
  const onMessage = (message: string): void => remark(terminal, message);
  const outcome = hasRuns(argument, context)
    ? await actions.verify(await runOf(argument, context), { onMessage })
    : await actions.verifyCarried(await carrier(argument, context), { onMessage });
  for (const target of outcome.targets) {
    print(terminal, describe(target, styleOf(terminal)));
    for (const [name, value] of target.figures) print(terminal, `    ${name.padEnd(30)} ${value}`);
  }
  return outcome.ok ? EXIT.ok : EXIT.failure;
}

async function runOf(argument: string | undefined, context: Context): Promise<FoundRun> {
  const found = findFinishedRun(argument, context);
  const problem = found.folder.resultsProblem();
  if (problem !== undefined) throw resultsError(found.folder, problem);
  await remarkOnChanges(found.config, 'what is verified are the sources of the run', context);
  return found;
}

/** The config whose sources are verified with what they carry themselves, as in a fresh clone. */
async function carrier(argument: string | undefined, context: Context): Promise<ResolvedConfig> {
  const { config } = await openConfig(argument, context);
  remark(
    context.terminal,
    'No run of the config lies here: the sources are verified with the examples of their self-test.',
  );
  if (isStale(config)) {
    remark(
      context.terminal,
      'They are not the sources of the config and its model file as they are now; "east check" says what has changed.',
    );
  }
  return config;
}

/** A manifest that is damaged is told of by the verification itself. */
function isStale(config: ResolvedConfig): boolean {
  try {
    const manifest = readManifest(config.firmware.directory);
    return manifest !== undefined && manifest.inputs['config'] !== configFingerprint(config);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
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
