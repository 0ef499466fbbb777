/** Entry of a process: one training step with WASM and with the installation in the folder given, compared. */
import { gradientDifference, sampleGradients } from '../native-install/sample-gradients';
import { openWasmEngine } from '../wasm-engine';
import { openWebgpuEngine } from '../webgpu-engine';

/** So few that a software adapter is done in seconds, too. */
const SAMPLE = { size: 8, examples: 8 };

async function check(folder: string): Promise<unknown> {
  const wasm = await openWasmEngine();
  const expected = {
    float: await sampleGradients(wasm, false, SAMPLE),
    quantized: await sampleGradients(wasm, true, SAMPLE),
  };
  const gpu = await openWebgpuEngine({ only: folder });
  if (!('engine' in gpu)) return { reason: gpu.reason };
  const { engine, hardware } = gpu;
  const float = await sampleGradients(engine, false, SAMPLE);
  const quantized = await sampleGradients(engine, true, SAMPLE);
  return {
    description: engine.description,
    hardware,
    float: gradientDifference(float, expected.float),
    quantized: gradientDifference(quantized, expected.quantized),
  };
}

const [folder = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await check(folder))}\n`);
