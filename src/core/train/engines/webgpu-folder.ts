/**
 * Where `east engine install webgpu` puts the GPU engine: like the native engine's, a folder that holds for these
 * versions and either is complete or is not there.
 */
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { readStored } from '../../util/stored-file';
import { engineCache } from './cache-folder';

/** Exact: the backend's version is that of tfjs-core, and only these were tried together. */
export const WEBGPU_PACKAGES = {
  webgpu: '0.6.2',
  '@tensorflow/tfjs-backend-webgpu': '4.22.0',
  '@tensorflow/tfjs-core': '4.22.0',
} as const;

/** Written last. */
export const WEBGPU_MANIFEST = 'installed.json';

const manifestSchema = v.object({
  /** Of Dawn for Node. */
  webgpu: v.literal(WEBGPU_PACKAGES.webgpu),
  platform: v.literal(process.platform),
  arch: v.literal(process.arch),
});

export type WebgpuManifest = v.InferOutput<typeof manifestSchema>;

/** Absolute, whether or not it exists. `EAST_WEBGPU_FOLDER` names another place than the user's cache folder. */
export function webgpuFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['EAST_WEBGPU_FOLDER'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return join(engineCache(environment), `webgpu-${WEBGPU_PACKAGES.webgpu}`);
}

/** Whether a folder holds an installation for machines like this one. */
export function isWebgpuInstalled(folder: string): boolean {
  return readStored(manifestSchema, join(folder, WEBGPU_MANIFEST), 'program') !== undefined;
}
