/** Finds npm packages that are no part of this one, and says which version of them is there. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { checkJson, text } from '../../util/stored';

const packageSchema = v.object({ version: text });

/** Resolves packages as a file of `folder` would. */
export function requireIn(folder: string): NodeJS.Require {
  return createRequire(pathToFileURL(join(folder, 'package.json')));
}

/** The place from which all packages are found: here, or else the folder of modules that is trusted. */
export function placeOf(
  packages: readonly string[],
  modulesFrom: string | undefined,
): NodeJS.Require | undefined {
  const places = [
    createRequire(import.meta.url),
    ...(modulesFrom === undefined ? [] : [requireIn(modulesFrom)]),
  ];
  return places.find((require) => {
    try {
      return packages.every((name) => packageFile(require, name) !== '');
    } catch {
      return false;
    }
  });
}

/** @throws Error where it is not there, or says no version. */
export function packageVersion(require: NodeJS.Require, name: string): string {
  const checked = checkJson(packageSchema, readFileSync(packageFile(require, name), 'utf8'));
  if ('value' in checked) return checked.value.version;
  throw new Error(`${name} is damaged: package.json: ${checked.problem}`);
}

function packageFile(require: NodeJS.Require, name: string): string {
  return require.resolve(`${name}/package.json`);
}
