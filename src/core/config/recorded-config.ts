/**
 * The config that a run has recorded, read back. Anybody may have written it, so it is believed as little as a config
 * that is new: the same schema, the same rules between keys, the same bounds for paths.
 */
import { resolve } from 'node:path';
import * as v from 'valibot';
import type { Checked } from '../util/stored';
import {
  checkStored,
  number,
  sha256 as sha256Digits,
  share,
  shorten,
  size,
  type Every,
} from '../util/stored';
import { USUAL_CODEC } from '../codecs/choice';
import { checkModel, type Report } from './checks';
import type { BudgetConfig, ResolvedConfig } from './config';
import { pathMover } from './config-identity';
import type { BudgetFile } from './config-file';
import { readSections, resolveSections } from './parse-config';
import { checkResolved } from './paths';
import { firstSchemaProblem } from './validate';
import { isInside } from './workspace';
import { defined, ifDefined } from '../util/defined';

/** Sizes are bytes here; all other sections are as they stand in a file. */
const budgetSchema: v.GenericSchema<unknown, BudgetConfig> = v.strictObject({
  flash: v.exactOptional(size),
  ram: v.exactOptional(size),
  weights: v.exactOptional(
    v.union([v.strictObject({ bytes: size }), v.strictObject({ fraction: share })]),
  ),
  decode: v.exactOptional(share),
  accuracy: v.exactOptional(share),
  floor: v.exactOptional(number),
} satisfies Every<BudgetConfig>);

const recordSchema = v.looseObject({
  file: v.string(),
  workspace: v.string(),
  budget: budgetSchema,
  model: v.looseObject({ sha256: v.exactOptional(sha256Digits) }),
  // Written before there was a choice of codec: with the one that there was, whatever the default is today.
  east: v.exactOptional(v.looseObject({})),
});

/** @param workspace folder that the run lies in today, absolute; paths inside the recorded one have moved along */
export function checkRecorded(value: unknown, workspace: string): Checked<ResolvedConfig> {
  const checked = checkStored(recordSchema, value);
  if ('problem' in checked) return checked;
  const { file, workspace: before, budget, ...others } = checked.value;
  const { sha256, ...model } = others.model;
  const written = {
    ...others,
    model,
    budget: budgetFile(budget),
    east: { codec: USUAL_CODEC, ...others.east },
  };
  const schemaProblem = firstSchemaProblem(written);
  if (schemaProblem !== undefined) return { problem: shorten(schemaProblem) };

  let problem: string | undefined;
  const report: Report = (_key, message, severity = 'error') => {
    if (severity === 'error') problem ??= message;
  };
  const sections = readSections(written, () => true);
  if (sections.model !== undefined) checkModel(sections.model, report);
  const move = pathMover(before, workspace);
  const place = { file: move(file), workspace };
  if (resolve(place.file) !== place.file || !isInside(place.file, workspace)) {
    return { problem: `file: ${shorten(file)} lies outside the workspace folder` };
  }
  const config = resolveSections(sections, place, {
    report,
    paths: [],
    // What differs from the defaults has no effect is of interest while it can still be changed.
    // A record has every value in it; only of this one it matters that it is not the schema's default.
    given: ([section, key]) => section === 'training' && key === 'epochs',
    resolve: (path, kind) => checkResolved(move(path, kind), workspace, kind),
    failed: () => problem !== undefined,
  });
  if (config === undefined) return { problem: shorten(problem ?? 'it is not complete') };
  return {
    value: { ...config, model: { ...config.model, ...defined({ sha256 }) }, budget },
  };
}

/** As it would stand in a file; any share stands for the others, which are of no interest to the rules. */
function budgetFile({ flash, ram, weights, accuracy, floor }: BudgetConfig): BudgetFile {
  return {
    ...defined({
      flash,
      ram,
      accuracy,
      floor,
      weights: ifDefined(weights, (share) => ('bytes' in share ? share.bytes : '100%')),
    }),
  };
}
