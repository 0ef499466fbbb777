/** Whether the sources in a firmware tree are those of a run, untouched: for firmware CI and the editor. */
import { join } from 'node:path';
import type { Manifest, ManifestInputs } from './manifest';
import { generatedText, MANIFEST, readManifest, sha256 } from './manifest';
import { UserError } from '../util/errors';
import { UnusableFile } from '../util/read-file';

export interface SourcesState {
  /**
   * missing: no sources, or not all of them. edited: a file was changed by hand. stale: made from something else than
   * `inputs`. current: none of these.
   */
  readonly state: 'current' | 'stale' | 'edited' | 'missing';
  /** What differs: file names, or names of inputs. Empty when current. */
  readonly details: readonly string[];
}

/** `inputs` as they were given to emitSources. Reads only. */
export function checkSources(directory: string, inputs: ManifestInputs): SourcesState {
  let manifest: Manifest | undefined;
  try {
    manifest = readManifest(directory);
  } catch (error) {
    if (error instanceof UserError) return { state: 'edited', details: [MANIFEST] };
    throw error;
  }
  if (manifest === undefined) return { state: 'missing', details: [MANIFEST] };

  const missing: string[] = [];
  const edited: string[] = [];
  for (const [name, hash] of Object.entries(manifest.files)) {
    const found = hashOf(join(directory, name));
    if (found === undefined) missing.push(name);
    else if (found !== hash) edited.push(name);
  }
  if (missing.length > 0) return { state: 'missing', details: missing };
  if (edited.length > 0) return { state: 'edited', details: edited };
  const names = new Set([...Object.keys(inputs), ...Object.keys(manifest.inputs)]);
  const stale = [...names].filter((name) => inputs[name] !== manifest.inputs[name]);
  return stale.length > 0
    ? { state: 'stale', details: stale.sort() }
    : { state: 'current', details: [] };
}

/** Of a generated file; undefined where there is none, empty for what is no file. */
function hashOf(file: string): string | undefined {
  try {
    const text = generatedText(file);
    return text === undefined ? undefined : sha256(text);
  } catch (error) {
    if (error instanceof UnusableFile) return '';
    throw error;
  }
}
