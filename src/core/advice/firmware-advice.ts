/** The firmware around the model: are its sources those of the config, and is there the room that the budget takes? */
import { relative } from 'node:path';
import { configFingerprint } from '../config/config-identity';
import type { KeyPath } from '../config/problem';
import type { LinkerFacts } from '../firmware/linker/linker-facts';
import { chooseRegion } from '../firmware/linker/memory-regions';
import { roomsOf, type Room } from '../firmware/linker/rooms';
import { formatAgainst, formatBytes } from '../report/format';
import type { Advice, Fix } from './advice';
import { runFix, runOfThisNetwork, say, type Context } from './context';
import { setFix, sizeAtMost } from './edits';

const GENERATE: Fix = {
  kind: 'command',
  title: 'Regenerate firmware sources',
  command: 'generate',
};
const VERIFY: Fix = { kind: 'command', title: 'Verify firmware', command: 'verify' };

export function sourcesAdvice(context: Context): Advice[] {
  const { config, facts } = context;
  const { sources } = facts;
  if (sources?.directory !== config.firmware.directory) return [];
  const fingerprint = configFingerprint(config);
  const trained =
    facts.lastRun?.config !== undefined && configFingerprint(facts.lastRun.config) === fingerprint;
  const generateOrRun = (): Fix[] => (trained ? [GENERATE] : runFix(context));
  const path = ['firmware'];
  const files = list(sources.files);
  if (sources.state === 'missing') {
    const some = sources.config !== undefined;
    const next = trained ? 'regenerate them' : 'run training, then generate them';
    return [
      say(context, {
        code: 'sources-missing',
        severity: some ? 'warning' : 'info',
        message: some
          ? `Generated sources are missing (${files}); ${next}`
          : `There are no generated sources in ${short(context, sources.directory)} yet; ${next}`,
        path,
        fixes: generateOrRun,
      }),
    ];
  }
  if (sources.state === 'edited') {
    return [
      say(context, {
        code: 'sources-edited',
        severity: 'warning',
        message: `Generated sources were edited by hand (${files}); regenerating replaces them`,
        path,
        fixes: () => [...generateOrRun(), VERIFY],
      }),
    ];
  }
  if (sources.config === fingerprint) return [];
  const next = trained
    ? 'the last run is of this config, so regenerate them'
    : 'run training, then regenerate them';
  return [
    say(context, {
      code: 'sources-stale',
      severity: 'warning',
      message: `The generated sources are of an earlier state of the config; ${next}`,
      path,
      fixes: generateOrRun,
    }),
  ];
}

/** The facts, where they are of the files that the config names now. */
export function linkerOf({
  config,
  facts,
}: Pick<Context, 'config' | 'facts'>): LinkerFacts | undefined {
  const { linkerScript, mapFile } = config.firmware;
  const same = facts.linker?.linkerScript === linkerScript && facts.linker?.mapFile === mapFile;
  return same ? facts.linker : undefined;
}

export function linkerAdvice(context: Context): Advice[] {
  const linker = linkerOf(context);
  if (linker === undefined) return [];
  return [
    ...unreadable(context, linker),
    ...roomsOf(linker).flatMap((room) => roomAdvice(context, room) ?? []),
  ];
}

function unreadable(context: Context, { script, map }: LinkerFacts): Advice[] {
  const found: Advice[] = [];
  const add = (
    code: 'linker-script' | 'map-file',
    path: KeyPath,
    file: string,
    why: string,
  ): void => {
    const message = `${short(context, file)}: ${why}`;
    found.push(say(context, { code, severity: 'warning', message, path }));
  };
  const path = ['firmware', 'linkerScript'];
  if (script && 'problem' in script) add('linker-script', path, script.file, script.problem);
  if (script && 'value' in script) {
    const { regions, notFollowed } = script.value;
    const lacking = (['flash', 'ram'] as const).filter((kind) => !chooseRegion(regions, kind));
    const hint =
      notFollowed.length > 0 ? `; it includes ${list(notFollowed)}, which could not be read` : '';
    if (regions.length === 0) {
      add('linker-script', path, script.file, `it has no MEMORY command${hint}`);
    } else if (lacking.length > 0) {
      const names = list(regions.map(({ name }) => name));
      const what = lacking.join(' or ');
      add('linker-script', path, script.file, `no region looks like ${what} among ${names}${hint}`);
    }
  }
  if (map && 'problem' in map) add('map-file', ['firmware', 'mapFile'], map.file, map.problem);
  return found;
}

function roomAdvice(context: Context, room: Room): Advice | undefined {
  const { config, forecast, text } = context;
  const { kind, left, region } = room;
  const last = runOfThisNetwork(context)?.report;
  const flash = kind === 'flash';
  const least = flash ? forecast.flash.least : forecast.ram.least;
  const real = flash ? last?.flash.total : forecast.ram.total;
  const budget = config.budget[kind];
  const expected = budget ?? real ?? (flash ? forecastFlash(context) : undefined);
  if (expected === undefined || expected <= left) return undefined;
  const path: KeyPath = ['budget', kind];
  const subject =
    budget === undefined
      ? `The model takes ${real === undefined ? 'up to ' : ''}${formatBytes(expected)} of ${flash ? 'flash' : 'RAM'}, which`
      : `budget.${kind} of ${formatBytes(budget)}`;
  const hopeless = least > left || expected > region.length || (real !== undefined && real > left);
  const offers = left >= least && left > 0;
  return say(context, {
    code: flash ? 'linker-flash' : 'linker-ram',
    severity: hopeless ? 'error' : 'warning',
    message: `${subject} is more than ${roomText(context, room)}`,
    path: budget === undefined ? ['firmware', 'linkerScript'] : path,
    fixes: () =>
      offers
        ? [
            setFix(
              text,
              path,
              sizeAtMost(left),
              `Set ${path.join('.')} to ${sizeAtMost(left)}, what is there`,
            ),
          ]
        : [],
  });
}

/** The most flash that the config allows the model without a flash budget. */
function forecastFlash({ forecast }: Context): number {
  const { flash } = forecast;
  return flash.fixed + (flash.blobBudget ?? flash.denseBytes + flash.overhead);
}

function roomText(context: Context, { region, others, taken, left, file }: Room): string {
  const which = others.length > 0 ? `, the larger of it and ${list(others)}` : '';
  return taken === undefined
    ? `region ${region.name}${which} has: ${formatBytes(region.length)} in ${short(context, file)}`
    : `the rest of the firmware leaves in region ${region.name}${which}: ${formatBytes(left)}, ` +
        `since it takes ${formatAgainst(taken, region.length)} according to ${short(context, file)}`;
}

/** Relative to the workspace folder, with forward slashes: as people write it. */
function short({ config }: Pick<Context, 'config'>, file: string): string {
  return relative(config.workspace, file).replaceAll('\\', '/') || file;
}

const SHOWN = 4;

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.slice(0, SHOWN).join(', ') + more;
}
