/** What keeps an answer from being given, and what is said of it as one types. */
import { existsSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { draftConfig } from '../../core/advice/draft-config';
import { isPattern } from '../../core/config/glob';
import { parseSize } from '../../core/config/size';
import { CONFIG_SUFFIX, parseShape, parseWholeNumber } from '../../core/config/template-choices';
import { isInside } from '../../core/config/workspace';
import type { Forecast } from '../../core/plan/forecast';
import { withoutBuffers } from '../../core/plan/memory';
import { FIXED_FLASH } from '../../core/plan/parts';
import { describeCompression } from '../../core/report/describe-compression';
import { formatBytes } from '../../core/report/format';
import type { Answers, ImportAnswers } from './answers';
import {
  isUndecided,
  keepsAll,
  keptAs,
  roundUp,
  sizeText,
  sizesOf,
  type DescribedNetwork,
  type ImportedNetwork,
  type Network,
} from './network-sizes';
import { choicesOf, fileOf } from './template-of-answers';

/** An error keeps an answer from being given, an information is shown as one types. */
export interface Check {
  readonly severity: 'error' | 'information';
  readonly message: string;
}

const error = (message: string): Check => ({ severity: 'error', message });

const information = (message: string): Check => ({ severity: 'information', message });

const SIZE_HINT = 'A size like 64KiB (1024 bytes each), 64kB (1000), 1.5MiB, or bytes.';

export function checkInput(text: string): Check | undefined {
  const shape = parseShape(text);
  if (shape === undefined) return error('Height, width and channels of one example, like 32x32x3.');
  return shape.includes(0) ? error('Every size must be at least 1.') : undefined;
}

export function checkClasses(text: string): Check | undefined {
  const classes = parseWholeNumber(text);
  return classes === undefined || classes < 2 || classes > 1000
    ? error('A whole number from 2 to 1000.')
    : undefined;
}

export function checkRows(text: string): Check | undefined {
  const rows = parseWholeNumber(text);
  return rows === undefined || rows < 1 || rows > 10_000
    ? error('A whole number from 1 to 10000.')
    : undefined;
}

export function checkWidth(
  text: string,
  network: Omit<DescribedNetwork, 'width'>,
): Check | undefined {
  const width = parseWholeNumber(text);
  if (width === undefined || width < 1 || width > 1024) {
    return error('A whole number from 1 to 1024.');
  }
  const sizes = sizesOf({ ...network, width });
  return typeof sizes === 'string' ? error(sizes) : information(sizeText(sizes));
}

export function checkFlash(text: string, network: Network): Check | undefined {
  const flash = parseSize(text.trim());
  if (flash === undefined) return error(SIZE_HINT);
  const sizes = sizesOf(network, { flash });
  if (typeof sizes === 'string') return error(sizes);
  const { fixed, least } = sizes.flash;
  if (flash < least) {
    if (keepsAll(network)) {
      return error(
        `As it is, the network takes ${formatBytes(roundUp(least))}. Go back and choose Make it fit for less.`,
      );
    }
    return error(
      `At least ${formatBytes(roundUp(least))} are needed, with every weight pruned: ${formatBytes(fixed)} of it are ${FIXED_FLASH}.`,
    );
  }
  if (keepsAll(network)) {
    return information(`The network takes ${formatBytes(least)}, all of its weights kept.`);
  }
  if (isUndecided(network)) return information(roomFor(network, flash));
  const compression = describeCompression(sizes.flash);
  return information(`${compression.charAt(0).toUpperCase()}${compression.slice(1)}.`);
}

/** Whether all weights have a place, where it is not decided yet that they shall have one. */
function roomFor({ imported }: ImportedNetwork, flash: number): string {
  const kept = sizesOf({ imported, use: keptAs(imported) });
  if (typeof kept === 'string') return kept;
  const least = formatBytes(kept.flash.least);
  return kept.flash.least <= flash
    ? `With all of its weights, 8 bits each, the network takes ${least}.`
    : `With all of its weights, 8 bits each, the network takes ${least}: it can be made to fit.`;
}

export function checkRam(text: string, network: Network): Check | undefined {
  const ram = parseSize(text.trim());
  if (ram === undefined) return error(SIZE_HINT);
  const sizes = sizesOf(network, { ram });
  if (typeof sizes === 'string') return error(sizes);
  const { least, leastLayer, total, tiles } = sizes.ram;
  if (ram < least) {
    return error(`At least ${formatBytes(roundUp(least))} are needed, in layer ${leastLayer}.`);
  }
  return keepsAll(network) || isUndecided(network)
    ? information(`With all of its weights the network uses ${formatBytes(keptRam(sizes))}.`)
    : information(`${formatBytes(total)} will be used; weights are decoded in ${tiles} parts.`);
}

/** Weights that are stored as they are need no buffer to be decoded into. */
function keptRam({ graph, memory }: Forecast): number {
  return withoutBuffers(graph, memory).total;
}

/** @param text relative to the workspace folder */
export function checkPath(text: string, folder: string): Check | undefined {
  const written = text.trim();
  if (written === '') return error('A path relative to the workspace folder.');
  if (isAbsolute(written) || !isInside(resolve(folder, written), folder)) {
    return error('The path must stay inside the workspace folder.');
  }
  return undefined;
}

/** Also says when nothing is there yet: a config may be written first. */
export function checkDataPath(text: string, folder: string): Check | undefined {
  const problem = checkPath(text, folder);
  if (problem !== undefined || isPattern(text)) return problem;
  return existsSync(resolve(folder, text.trim()))
    ? undefined
    : information('Not there yet. Training needs it; the editor marks it until then.');
}

/**
 * Of the last answer, and with it of all of them together.
 * @param workspaceOf as ConfigIndex has it
 */
export function checkFile(
  answers: Answers | ImportAnswers,
  workspaceOf: (file: string) => string,
): Check | undefined {
  const problem = checkPath(answers.file, answers.folder);
  if (problem !== undefined) return problem;
  const file = fileOf(answers);
  if (basename(file) === CONFIG_SUFFIX) return error('The name in front of .east.json is missing.');
  if (existsSync(file)) return error('This file exists already. Choose another name.');
  const [first] = draftConfig(choicesOf(answers), file, workspaceOf(file)).errors;
  return first === undefined ? undefined : error(first);
}
