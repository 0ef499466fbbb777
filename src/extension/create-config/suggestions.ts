/** Answers that are there already when a question is asked. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { PRESETS, withConfigSuffix } from '../../core/config/template-choices';
import type { Draft } from './answers';
import { isUndecided, keepsAll, keptAs, sizesOf, type Network } from './network-sizes';

/** Round sizes that leave room: for the weights a quarter of what they take as dense int8. */
export function suggestedBudget(network: Network): {
  readonly flash: string;
  readonly ram: string;
} {
  const sizes = sizesOf(
    isUndecided(network) ? { ...network, use: keptAs(network.imported) } : network,
  );
  if (typeof sizes === 'string') return { flash: PRESETS.flash, ram: PRESETS.ram };
  const { flash, ram } = sizes;
  return {
    flash:
      keepsAll(network) || isUndecided(network)
        ? powerOfTwo(flash.least)
        : powerOfTwo(Math.max(flash.least, flash.fixed + flash.denseBytes / 4)),
    ram: powerOfTwo(ram.total),
  };
}

function powerOfTwo(bytes: number): string {
  let kib = 4;
  while (kib * 1024 < bytes) kib *= 2;
  return kib < 1024 ? `${kib}KiB` : `${kib / 1024}MiB`;
}

/** Named after the data or the folder, and not there yet. */
export function suggestedFile(draft: Draft): string {
  return free((suffix) => withConfigSuffix(`${suggestedName(draft)}${suffix}`), draft.folder);
}

/** Two models cannot share a folder. */
export function suggestedFirmware(draft: Draft): string {
  if (!existsSync(resolve(draft.folder, PRESETS.firmwareDirectory))) {
    return PRESETS.firmwareDirectory;
  }
  return free((suffix) => `firmware/${suggestedName(draft)}${suffix}`, draft.folder);
}

function suggestedName({ folder, train, imported }: Draft): string {
  if (imported !== undefined) return nameOf(basename(imported.modelFile).replace(/\.[^.]*$/, ''));
  const parts = (train ?? '').split('/').filter((part) => /^[A-Za-z][\w-]*$/.test(part));
  const dull = /^(data|datasets?|train(ing)?|images?|raw|x_.*)$/i;
  return nameOf(parts.find((part) => !dull.test(part)) ?? basename(folder));
}

function nameOf(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').toLowerCase();
  return /^[a-z]/.test(clean) ? clean : 'model';
}

/** The first path that is not there: `meter`, `meter_2`, … */
function free(path: (suffix: string) => string, folder: string): string {
  for (let n = 1; ; n++) {
    const found = path(n === 1 ? '' : `_${n}`);
    if (!existsSync(resolve(folder, found))) return found;
  }
}
