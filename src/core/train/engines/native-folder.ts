/**
 * Where `east engine install native` puts the native engine: a folder of the user's, outside every project, that holds
 * for this version of tfjs-node and either is complete or is not there.
 */
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { readStored } from '../../util/stored-file';
import { engineCache } from './cache-folder';

/** Of @tensorflow/tfjs-node. Copies of tfjs-core in one process share their registries, so it is that of tfjs-core. */
export const TFJS_NODE_VERSION = '4.22.0';

/** Exact; what they need is pinned, too (install/native.lock.json). */
export const NATIVE_PACKAGES = {
  '@tensorflow/tfjs-node': TFJS_NODE_VERSION,
  'node-api-headers': '1.9.0',
} as const;

/** Written last: what was installed, and for which machines. */
export const MANIFEST = 'installed.json';

const manifestSchema = v.object({
  tfjsNode: v.string(),
  tensorflow: v.string(),
  platform: v.literal(process.platform),
  arch: v.literal(process.arch),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;

/** Absolute, whether or not it exists. `EAST_NATIVE_FOLDER` names another place than the user's cache folder. */
export function nativeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['EAST_NATIVE_FOLDER'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return join(engineCache(environment), `native-${TFJS_NODE_VERSION}`);
}

/** What is installed in a folder for machines like this one; undefined if nothing is, or it cannot be read. */
export function readInstallation(folder: string): Manifest | undefined {
  return readStored(manifestSchema, join(folder, MANIFEST), 'program');
}
