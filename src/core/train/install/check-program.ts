/** Entry of a process: one training step with WASM and with the engine installed in the folder given, compared. */
import type { Engine } from '../engines/engine';
import { openNativeEngine } from '../engines/native-engine';
import { openWasmEngine } from '../engines/wasm-engine';
import { openWebgpuEngine } from '../engines/webgpu-engine';
import type { InstalledEngine } from './check-in-process';
import { gradientDifference, sampleGradients, type Sample } from './sample-gradients';

interface Opened {
  readonly engine: Engine;
  /** What else is told of it. */
  readonly about: object;
}

/** So few that a software adapter is done in seconds, too. */
const FEW: Sample = { size: 8, examples: 8 };

const ENGINES: Record<
  InstalledEngine,
  { readonly sample?: Sample; open(folder: string): Promise<Opened | { readonly reason: string }> }
> = {
  native: {
    async open(folder) {
      const found = await openNativeEngine({ only: folder });
      if (!('engine' in found)) throw new Error(found.reason, { cause: found.cause });
      return { engine: found.engine, about: { tensorflow: found.tensorflow } };
    },
  },
  webgpu: {
    sample: FEW,
    async open(folder) {
      const found = await openWebgpuEngine({ only: folder });
      if (!('engine' in found)) return { reason: found.reason };
      const { engine, hardware } = found;
      return { engine, about: { build: engine.build, hardware } };
    },
  },
};

async function check(name: string | undefined, folder = ''): Promise<unknown> {
  if (name !== 'native' && name !== 'webgpu') throw new Error(`there is no engine "${name}"`);
  const { sample, open } = ENGINES[name];
  const wasm = await openWasmEngine();
  const expected = {
    float: await sampleGradients(wasm, false, sample),
    quantized: await sampleGradients(wasm, true, sample),
  };
  const opened = await open(folder);
  if (!('engine' in opened)) return opened;
  const float = await sampleGradients(opened.engine, false, sample);
  const quantized = await sampleGradients(opened.engine, true, sample);
  return {
    ...opened.about,
    float: gradientDifference(float, expected.float),
    quantized: gradientDifference(quantized, expected.quantized),
  };
}

const [name, folder] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await check(name, folder))}\n`);
