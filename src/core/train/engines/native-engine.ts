/**
 * The fastest engine where it can be had: `@tensorflow/tfjs-node`, TensorFlow's own library. It is never part of this
 * package; it is looked for where `east engine install native` puts it and where npm does, and loaded only when asked
 * for. It runs on several threads, and their number decides in which order sums are added up.
 */
import { isRecord } from '../../util/is-record';
import { registerGradients } from '../kernels/gradients';
import { registerNativeKernels } from '../kernels/native-kernels';
import { usableCores } from '../../util/usable-cores';
import type { Engine } from './engine';
import { isTf } from './is-tf';
import type { Tf } from '../kernels/tf';
import { nativeFolder, readInstallation, TFJS_NODE_VERSION } from './native-folder';
import { packageVersion, placeOf, requireIn } from './packages';
import { withRepairs } from './tfjs-node-repairs';

export interface NativeOptions {
  /** As a run began with; one for each core by default. A process keeps the first number. */
  readonly threads?: number;
  /** A trusted folder whose node_modules may hold the package. */
  readonly modulesFrom?: string;
  /** The only place to look, with an installation that may be incomplete: for its check. */
  readonly only?: string;
}

export type NativeEngine =
  /** `tensorflow` is the library's version. */
  | { readonly engine: Engine; readonly tensorflow: string }
  /** One phrase, and whether the package is there but does not work. */
  | { readonly reason: string; readonly found: boolean; readonly cause?: unknown };

const PACKAGE = '@tensorflow/tfjs-node';

let loaded: { readonly tf: Tf; readonly tensorflow: string; readonly threads: number } | undefined;

/** The engine, or why there is none. */
export async function openNativeEngine(options: NativeOptions = {}): Promise<NativeEngine> {
  try {
    if (loaded === undefined) {
      const place = findPackage(options);
      if (place === undefined) return { reason: 'it is not installed', found: false };
      loaded = load(place, options.threads ?? usableCores());
    }
    const { tf, tensorflow, threads } = loaded;
    if (options.threads !== undefined && options.threads !== threads) {
      throw new Error(`this process has started it with ${threads} threads`);
    }
    if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend did not start');
    registerGradients(tf);
    registerNativeKernels(tf);
    const build = `TensorFlow ${tensorflow} (tfjs-node ${TFJS_NODE_VERSION})`;
    return { engine: { name: 'native', build, tf, threads }, tensorflow };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { reason: message.split('\n')[0] ?? message, found: true, cause };
  }
}

/** A file to resolve the package from; the first of the places that has it. */
function findPackage({ only, modulesFrom }: NativeOptions): NodeJS.Require | undefined {
  if (only !== undefined) return requireIn(only);
  const installed = nativeFolder();
  if (readInstallation(installed) !== undefined) return requireIn(installed);
  return placeOf([PACKAGE], modulesFrom);
}

function load(require: NodeJS.Require, threads: number): NonNullable<typeof loaded> {
  const version = packageVersion(require, PACKAGE);
  if (version !== TFJS_NODE_VERSION) {
    throw new Error(`${PACKAGE} is version ${version}, ${TFJS_NODE_VERSION} is needed`);
  }
  const module: unknown = withRepairs(threads, () => require(PACKAGE));
  if (!isTf(module)) throw new Error(`${PACKAGE} does not export the TensorFlow.js API`);
  const backend: unknown = module.findBackend('tensorflow');
  const binding = isRecord(backend) ? backend['binding'] : undefined;
  const tensorflow = isRecord(binding) ? binding['TF_Version'] : undefined;
  return {
    tf: module,
    tensorflow: typeof tensorflow === 'string' ? tensorflow : 'of unknown version',
    threads,
  };
}
