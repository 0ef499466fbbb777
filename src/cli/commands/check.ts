/** `east check`, for firmware CI: are the sources in the tree those of the config, and within its budget? */
import { relative } from 'node:path';
import type { ResolvedConfig } from '../../core/config/config';
import { readLinker } from '../../core/firmware/linker/read-linker';
import type { LinkerFacts } from '../../core/firmware/linker/linker-facts';
import {
  lackingKinds,
  needOf,
  roomsOf,
  unknownRegions,
  verdictOn,
  type Need,
  type Range,
  type Room,
  type Verdict,
} from '../../core/firmware/linker/rooms';
import { shortfallOf } from '../../core/report/floor';
import { formatAgainst, formatBytes, formatCount, formatMetric } from '../../core/report/format';
import { metricOf } from '../../core/tasks/tasks';
import type { SourcesState } from '../../core/run/actions';
import { weightCount, weightedLayers } from '../../core/graph/graph';
import { allowedWeights } from '../../core/plan/flash';
import { limitsOf } from '../../core/plan/limits';
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
  const sources = await context.actions.checkSources(config);
  const current = sources.state === 'current';
  print(terminal, (current ? style.good : style.bad)(mark(current) + verdict(config, sources)));
  for (const detail of sources.details) print(terminal, `    ${detail}`);
  // No reason to fail: where the firmware is built there need be no data.
  for (const remark of sources.data ?? []) print(terminal, `${MARKS.unknown}${remark}`);
  for (const note of manifestOf(config)?.notes ?? []) print(terminal, `${MARKS.unknown}${note}`);
  const linker = await readLinker(config);
  const lines = [
    ...(sources.sizes === undefined
      ? []
      : budgetLines(config, model, sources.sizes, sources.unproven)),
    ...floorLines(config, sources.result),
    ...linkerLines(config, linker, sources.sizes),
  ];
  for (const { text, verdict, details } of lines) {
    print(terminal, (verdict === 'fits' ? style.good : style.bad)(MARKS[verdict] + text));
    for (const detail of details) print(terminal, `    ${detail}`);
  }
  // Nor is this: a fresh clone has not been built yet.
  if (config.firmware.mapFile !== undefined && linker.map === undefined) {
    const pattern = shown(config, config.firmware.mapFile);
    print(
      terminal,
      `${MARKS.unknown}no file matches firmware.mapFile (${pattern}); what the rest of the firmware takes is known once it is built`,
    );
  }
  return current && lines.every((line) => line.verdict === 'fits') ? EXIT.ok : EXIT.failure;
}

/** What the network reached on its test set against what the config asks for. */
function floorLines({ budget }: ResolvedConfig, result: SourcesState['result']): Line[] {
  const floor = budget.accuracy ?? budget.floor;
  if (floor === undefined) return [];
  const key = budget.accuracy === undefined ? 'budget.floor' : 'budget.accuracy';
  if (result === undefined) {
    return [
      failure(`${key}: the sources do not say how well their network does; run "east generate"`),
    ];
  }
  const short = shortfallOf(result.metric, result.value, floor);
  if (short !== undefined) return [failure(short)];
  const value = formatMetric(result.value, metricOf(result.metric), 2);
  return [{ text: `${result.metric}: ${value} meets ${key}`, verdict: 'fits', details: [] }];
}

interface Line {
  readonly text: string;
  readonly verdict: Verdict;
  /** What the verdict rests on. */
  readonly details: readonly string[];
}

const MARKS: Readonly<Record<Verdict, string>> = { fits: '✓ ', unknown: '? ', 'too-large': '✗ ' };

/**
 * What the model takes (or, without sources, may take) against what linker script and map leave for it. Maps that a
 * pattern would match need not be there; a file that the config names and that cannot be read fails the check.
 */
function linkerLines(
  config: ResolvedConfig,
  linker: LinkerFacts,
  sizes: SourcesState['sizes'],
): Line[] {
  const { firmware, budget } = config;
  const need: Need = {
    flash: sizes?.flash ?? budget.flash,
    ram: sizes?.ram ?? budget.ram,
    weights: sizes?.weights,
    code: sizes?.code,
  };
  const rooms = roomsOf(linker, firmware, need);
  const lines = [
    ...wrongFiles(config, linker, rooms),
    ...unknownRegions(linker, firmware).map(({ key, name, names }) =>
      failure(`firmware.${key}: there is no region "${name}" among ${names.join(', ')}`),
    ),
    ...rooms.flatMap((room) => roomLine(config, room, need) ?? []),
  ];
  const { passedOver, notes } = linker;
  const passed = passedOver.map(({ file, why }) => `not taken: ${shown(config, file)}: ${why}`);
  const last = lines.at(-1);
  return last === undefined
    ? []
    : [...lines.slice(0, -1), { ...last, details: [...last.details, ...notes, ...passed] }];
}

function failure(text: string): Line {
  return { text, verdict: 'too-large', details: [] };
}

function wrongFiles(
  config: ResolvedConfig,
  { script, map }: LinkerFacts,
  rooms: readonly Room[],
): Line[] {
  const found: Line[] = [];
  if (script && 'problem' in script) {
    found.push(failure(`linker script ${shown(config, script.file)}: ${script.problem}`));
  }
  if (map && 'problem' in map) {
    found.push(failure(`map ${shown(config, map.file)}: ${map.problem}`));
  }
  const read = [map, script].find((file) => file && 'value' in file);
  const lacking = read === undefined ? [] : lackingKinds(rooms);
  if (read !== undefined && lacking.length > 0) {
    const keys = lacking.map((kind) => `firmware.${kind}Region`).join(' and ');
    const what = lacking.join(' or ');
    found.push(
      failure(`${shown(config, read.file)}: no region looks like ${what}; say which with ${keys}`),
    );
  }
  return found;
}

function roomLine(config: ResolvedConfig, room: Room, need: Need): Line | undefined {
  const { kind, region, parts, left, taken, file, why, others, notes } = room;
  const needed = needOf(room, need);
  if (needed === undefined) return undefined;
  const verdict = verdictOn(room, needed);
  const where = `${taken === undefined ? 'of' : 'left in'} region ${region.name} (${shown(config, file)})`;
  const whole =
    parts.length === 3 || parts.join() === 'constants,code' || parts.join() === 'variables';
  const what = whole ? kind : `${kind}, ${parts.join(' and ')}`;
  const rest = others.length === 0 ? '' : `; other regions: ${others.join(', ')}`;
  const unbuilt =
    taken === undefined ? ['without a map of a build, what else lies there is not known'] : [];
  return {
    text: `${what}: ${amount(needed, left, verdict)} ${where}${after(needed, left, verdict)}`,
    verdict,
    details: [`${region.name}: ${why}${rest}`, ...notes, ...unbuilt],
  };
}

function amount(needed: Range, left: Range, verdict: Verdict): string {
  if (verdict !== 'unknown') {
    const of = verdict === 'fits' ? left.least : left.most;
    return formatAgainst(verdict === 'fits' ? needed.most : needed.least, of);
  }
  return `${between(needed)} of ${between(left)}`;
}

function between({ least, most }: Range): string {
  if (!Number.isFinite(most)) return 'what is';
  return least === most ? formatBytes(least) : `${formatBytes(least)} to ${formatBytes(most)}`;
}

function after(needed: Range, left: Range, verdict: Verdict): string {
  if (verdict === 'fits') return '';
  if (verdict === 'unknown') return ': whether that is enough cannot be told';
  return `, ${formatCount(needed.least - left.most)} bytes too many`;
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
  unproven: number | undefined,
): Line[] {
  const dense = weightedLayers(graph).reduce((n, l) => n + weightCount(l), 0);
  const { flash, ram } = config.budget;
  const budget = { flash, ram, weights: allowedWeights(config.budget, dense) };
  return limitsOf(sizes, budget).flatMap(({ name, bytes, limit, met }) => {
    if (limit === undefined) return [];
    const over = met ? '' : `, ${formatCount(bytes - limit)} bytes too many`;
    const text = `${name}: ${formatAgainst(bytes, limit)}${over}`;
    const details =
      name === 'flash' && unproven !== undefined
        ? [`${formatBytes(unproven)} of them (code, biases, tables) by the word of the manifest`]
        : [];
    return [{ text, verdict: met ? 'fits' : 'too-large', details }];
  });
}
