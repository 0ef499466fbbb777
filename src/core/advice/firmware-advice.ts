/** The firmware around the model: are its sources those of the config, and is there the room that the budget takes? */
import { relative } from 'node:path';
import { configFingerprint } from '../config/config-identity';
import type { KeyPath } from '../config/problem';
import type { LinkerFacts } from '../firmware/linker/linker-facts';
import {
  lackingKinds,
  needOf,
  roomsOf,
  unknownRegions,
  verdictOn,
  type Need,
  type Room,
  type UnknownRegion,
} from '../firmware/linker/rooms';
import { formatAgainst, formatBytes } from '../report/format';
import { WORK_WORDS, workOf } from '../tasks/work';
import { defined } from '../util/defined';
import type { Advice, Fix } from './advice';
import { runFix, runOfThisNetwork, say, type Context } from './context';
import { setFix, sizeAtMost } from './edits';
import type { SourcesFacts } from './facts';

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
  const run = WORK_WORDS[workOf(config.model)].start.toLowerCase();
  const files = list(sources.files);
  if (sources.state === 'missing') {
    const some = sources.config !== undefined;
    const next = trained ? 'regenerate them' : `${run}, then generate them`;
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
    : `${run}, then regenerate them`;
  const of = isOtherFile(context, sources)
    ? `a network that ${short(context, config.model.file ?? '')} does not hold any more`
    : 'an earlier state of the config';
  return [
    say(context, {
      code: 'sources-stale',
      severity: 'warning',
      message: `The generated sources are of ${of}; ${next}`,
      path,
      fixes: generateOrRun,
    }),
  ];
}

/** Whether only the content of the model file has changed since the sources were made. */
function isOtherFile({ config, facts: { lastRun } }: Context, sources: SourcesFacts): boolean {
  const before = lastRun?.config;
  if (before?.model.file === undefined || config.model.file !== before.model.file) return false;
  if (before.model.sha256 === config.model.sha256) return false;
  const model = { ...config.model, ...defined({ sha256: before.model.sha256 }) };
  return sources.config === configFingerprint({ ...config, model });
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
  const { firmware } = context.config;
  const rooms = roomsOf(linker, firmware, needs(context));
  return [
    ...unreadable(context, linker, rooms),
    ...unknownRegions(linker, firmware).map((wrong) => regionAdvice(context, wrong)),
    ...rooms.flatMap((room) => roomAdvice(context, room) ?? []),
  ];
}

function unreadable(
  context: Context,
  { script, map }: LinkerFacts,
  rooms: readonly Room[],
): Advice[] {
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
    const lacking = lackingKinds(rooms);
    const names = list(script.value.regions.map(({ name }) => name));
    const what = lacking.join(' or ');
    const key = lacking.map((kind) => `firmware.${kind}Region`).join(' and ');
    if (lacking.length > 0) {
      const why = `no region looks like ${what} among ${names}; say which with ${key}`;
      add('linker-script', path, script.file, why);
    }
  }
  if (map && 'problem' in map) add('map-file', ['firmware', 'mapFile'], map.file, map.problem);
  return found;
}

function regionAdvice(context: Context, { key, name, names }: UnknownRegion): Advice {
  const path = ['firmware', key];
  return say(context, {
    code: 'linker-region',
    severity: 'error',
    message: `firmware.${key}: there is no memory region "${name}"; there are ${list(names)}`,
    path,
    fixes: () =>
      names
        .slice(0, SHOWN)
        .map((other) => setFix(context.text, path, other, `Set ${path.join('.')} to "${other}"`)),
  });
}

/** What the model takes, or may take at most. */
function needs(context: Context): Need {
  const { config, forecast } = context;
  const last = runOfThisNetwork(context)?.report;
  return {
    flash: config.budget.flash ?? last?.flash.total ?? forecastFlash(context),
    ram: config.budget.ram ?? forecast.ram.total,
    code: last?.flash.code,
  };
}

function roomAdvice(context: Context, room: Room): Advice | undefined {
  const { config, forecast, text } = context;
  const { kind, left, region, parts } = room;
  const needed = needOf(room, needs(context));
  if (needed === undefined || verdictOn(room, needed) === 'fits') return undefined;
  // Of a region that takes only a part of the model, or parts of both kinds, no budget is the measure.
  const whole = partsInFlash(parts) === 2 || partsInFlash(parts) === 0;
  const plain = whole && (partsInFlash(parts) === 0 || !parts.includes('variables'));
  const last = runOfThisNetwork(context)?.report;
  const flash = kind === 'flash';
  const least = flash ? forecast.flash.least : forecast.ram.least;
  const real = flash ? last?.flash.total : forecast.ram.total;
  const budget = plain ? config.budget[kind] : undefined;
  const expected = needed.most;
  const path: KeyPath = ['budget', kind];
  const what = plain ? (flash ? 'flash' : 'RAM') : `${region.name} (${list(parts)})`;
  const upTo = real === undefined || needed.least < expected ? 'up to ' : '';
  const subject =
    budget === undefined
      ? `The model takes ${upTo}${formatBytes(expected)} of ${what}, which`
      : `budget.${kind} of ${formatBytes(budget)}`;
  const hopeless =
    verdictOn(room, needed) === 'too-large' &&
    plain &&
    (least > left.most || expected > region.length || (real !== undefined && real > left.most));
  const offers = plain && left.least >= least && left.least > 0;
  const is = verdictOn(room, needed) === 'unknown' ? 'may be' : 'is';
  return say(context, {
    code: flash ? 'linker-flash' : 'linker-ram',
    severity: hopeless ? 'error' : 'warning',
    message: `${subject} ${is} more than ${roomText(context, room)}`,
    path: budget === undefined ? linkerPath(config) : path,
    fixes: () =>
      offers
        ? [
            setFix(
              text,
              path,
              sizeAtMost(left.least),
              `Set ${path.join('.')} to ${sizeAtMost(left.least)}, what is there`,
            ),
          ]
        : [],
  });
}

function partsInFlash(parts: Room['parts']): number {
  return parts.filter((part) => part !== 'variables').length;
}

function linkerPath({ firmware }: Context['config']): KeyPath {
  return ['firmware', firmware.linkerScript === undefined ? 'mapFile' : 'linkerScript'];
}

/** The most flash that the config allows the model without a flash budget. */
function forecastFlash({ forecast }: Context): number {
  const { flash } = forecast;
  return flash.fixed + (flash.blobBudget ?? flash.denseBytes + flash.overhead);
}

function roomText(
  context: Context,
  { region, others, taken, left, file, why, basis, notes }: Room,
): string {
  // Where nobody could doubt the region, why it is the one needs no word.
  const because = others.length > 1 || basis === 'guess' || basis === 'kin' ? [why] : [];
  const more = [...because, ...notes].join('; ');
  const told = more === '' ? '' : ` (${more})`;
  return taken === undefined
    ? `region ${region.name} has: ${formatBytes(region.length)} in ${short(context, file)}${told}`
    : `the rest of the firmware leaves in region ${region.name}: ${formatBytes(left.least)}, ` +
        `since it takes ${formatAgainst(taken, region.length)} according to ${short(context, file)}${told}`;
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
