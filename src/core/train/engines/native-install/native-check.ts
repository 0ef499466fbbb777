/** Entry of a process: one training step with WASM and with the installation in the folder given, compared. */
import { openNativeEngine } from '../native-engine';
import { openWasmEngine } from '../wasm-engine';
import type { CheckResult } from './check-in-process';
import { gradientDifference, sampleGradients } from './sample-gradients';

const [folder = ''] = process.argv.slice(2);
const wasm = await openWasmEngine();
const expected = {
  float: await sampleGradients(wasm, false),
  quantized: await sampleGradients(wasm, true),
};
const native = await openNativeEngine({ only: folder });
if (!('engine' in native)) throw new Error(native.reason, { cause: native.cause });
const { engine } = native;
const result: CheckResult = {
  tensorflow: native.tensorflow,
  float: gradientDifference(await sampleGradients(engine, false), expected.float),
  quantized: gradientDifference(await sampleGradients(engine, true), expected.quantized),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
