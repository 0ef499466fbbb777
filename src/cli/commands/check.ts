/** `east check`, for firmware CI: are the sources in the tree those of the config, and within its budget? */
import { relative } from 'node:path';
import type { ResolvedConfig } from '../../core/config/config';
import { readLinker } from '../../core/firmware/linker/read-linker';
import { roomsOf } from '../../core/firmware/linker/rooms';
import { formatAgainst, formatCount } from '../../core/report/format';
import type { SourcesState } from '../../core/run/jobs';
import { weightCount, weightedLayers } from '../../core/graph/graph';
import type { Manifest } from '../../core/firmware/manifest';
import { readManifest } from '../../core/firmware/manifest';
import type { LoadedModel } from '../../core/models/model';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { openConfig } from '../find-run';
import { print, styleOf } from '../terminal';

const VERDICTS: Readonly<Record<SourcesState['state'], string>> = {
  current: 'the sources are those of the config',
  missing: 'there are no sources; write them with "east generate"',
  stale: 'the sources are out of date; run "east run" and "east generate"',
  edited: 'the sources were edited by hand; restore them with "east generate --force"',
};

/** Needs only the config and the sources, no run and no data: what a fresh clone of a firmware project has. */
export async function check(argument: string | undefined, context: Context): Outcome {
  const { terminal } = context;
  const style = styleOf(terminal);
  const { config, model } = await openConfig(argument, context);
  const sources = await context.jobs.checkSources(config);
  const current = sources.state === 'current';
  print(terminal, (current ? style.good : style.bad)(mark(current) + verdict(config, sources)));
  for (const detail of sources.details) print(terminal, `    ${detail}`);
  const lines = [
    ...(sources.sizes === undefined ? [] : budgetLines(config, model, sources.sizes)),
    ...(await linkerLines(config, sources.sizes)),
  ];
  for (const { text, met } of lines) {
    print(terminal, (met ? style.good : style.bad)(mark(met) + text));
  }
  return current && lines.every(({ met }) => met) ? EXIT.ok : EXIT.failure;
}

/**
 * What the model takes (or, without sources, may take) against what linker script and map leave for it. A map that is
 * missing says nothing, since a fresh clone has not been built yet.
 */
async function linkerLines(
  config: ResolvedConfig,
  sizes: SourcesState['sizes'],
): Promise<{ text: string; met: boolean }[]> {
  const linker = await readLinker(config);
  const { script } = linker;
  const unreadable =
    script && 'problem' in script
      ? [{ text: `linker script ${shown(config, script.file)}: ${script.problem}`, met: false }]
      : [];
  const rooms = roomsOf(linker).flatMap(({ kind, region, left, taken, file }) => {
    const bytes = sizes?.[kind] ?? config.budget[kind];
    if (bytes === undefined) return [];
    const met = bytes <= left;
    const what = `${kind}: ${formatAgainst(bytes, left)} ${taken === undefined ? 'of' : 'left in'} region ${region.name}`;
    const over = met ? '' : `, ${formatCount(bytes - left)} bytes too many`;
    return [{ text: `${what} (${shown(config, file)})${over}`, met }];
  });
  return [...unreadable, ...rooms];
}

function shown(config: ResolvedConfig, file: string): string {
  return relative(config.workspace, file).replaceAll('\\', '/');
}

function verdict(config: ResolvedConfig, { state, details }: SourcesState): string {
  const files = Object.keys(manifestOf(config)?.files ?? {}).length;
  if (state !== 'missing' || files === 0) return VERDICTS[state];
  const verb = details.length === 1 ? 'is' : 'are';
  return `${details.length} of ${files} files ${verb} missing; write them again with "east generate":`;
}

/** A damaged one has been told of by the check itself. */
function manifestOf(config: ResolvedConfig): Manifest | undefined {
  try {
    return readManifest(config.firmware.directory);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function mark(good: boolean): string {
  return good ? '✓ ' : '✗ ';
}

function budgetLines(
  config: ResolvedConfig,
  { graph }: LoadedModel,
  sizes: NonNullable<SourcesState['sizes']>,
): { text: string; met: boolean }[] {
  const dense = weightedLayers(graph).reduce((n, l) => n + weightCount(l), 0);
  const { flash, ram, weights } = config.budget;
  const budget = {
    flash,
    ram,
    weights:
      weights === undefined || 'bytes' in weights
        ? weights?.bytes
        : Math.floor(weights.fraction * dense),
  };
  return (['flash', 'ram', 'weights'] as const).flatMap((name) => {
    const limit = budget[name];
    if (limit === undefined) return [];
    const met = sizes[name] <= limit;
    const over = met ? '' : `, ${formatCount(sizes[name] - limit)} bytes too many`;
    return [{ text: `${name}: ${formatAgainst(sizes[name], limit)}${over}`, met }];
  });
}
