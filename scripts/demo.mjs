// The whole way on the example, from drawn images to an application on a simulated Cortex-M4: `npm run demo`.
import { bold, elapsed, green, runSteps } from './lib/steps.mjs';

const started = Date.now();
const node = process.execPath;
const config = 'examples/meter/meter.east.json';
const east = [node, 'dist/east.mjs'];

await runSteps([
  ['Build the east command', 'npm', 'run', '--silent', 'build'],
  ['Draw the data', node, 'examples/meter/draw.mjs'],
  ['Train until the weights fit (east run)', ...east, 'run', config],
  ['Write the C sources (east generate)', ...east, 'generate', config],
  ['Verify them on host and Cortex-M4 (east verify)', ...east, 'verify', config],
  ['Check them as firmware CI would (east check)', ...east, 'check', config],
  ['Build the meter firmware, run it in QEMU', node, 'scripts/lib/meter-firmware.mjs'],
]);
console.log(`
${green(bold(`Done in ${elapsed(started)}.`))}
  sources       examples/meter/firmware/east/        (start with its README.md)
  application   examples/meter/firmware/main.c, build/meter.elf
  run           .east/runs/                          (log, checkpoints, report)
  report        node dist/east.mjs report ${config}`);
