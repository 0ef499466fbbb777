// The whole way on one of the examples, from raw data to an image verified on a simulated Cortex-M4: `npm run example:keyword`,
// `example:vibration` and `example:gesture`.
import { bold, elapsed, green, red, runSteps } from './lib/steps.mjs';

/** What makes the data. */
const EXAMPLES = {
  keyword: { title: 'Speak the words', script: 'speak.mjs' },
  vibration: { title: 'Measure the motor', script: 'measure.mjs' },
  gesture: { title: 'Record the gestures', script: 'record.mjs' },
};

const [name = ''] = process.argv.slice(2);
const example = Object.hasOwn(EXAMPLES, name) ? EXAMPLES[name] : undefined;
if (example === undefined) {
  console.error(red(`name one of the examples: ${Object.keys(EXAMPLES).join(', ')}`));
  process.exit(2);
}

const started = Date.now();
const node = process.execPath;
const folder = `examples/${name}`;
const config = `${folder}/${name}.east.json`;
const east = [node, 'dist/east.mjs'];

await runSteps([
  ['Build the east command', 'npm', 'run', '--silent', 'build'],
  [example.title, node, `${folder}/${example.script}`],
  ['Train until the weights fit (east run)', ...east, 'run', config],
  ['Write the C sources (east generate)', ...east, 'generate', config],
  ['Verify them on host and Cortex-M4 (east verify)', ...east, 'verify', config],
  ['Check them as firmware CI would (east check)', ...east, 'check', config],
]);
console.log(`
${green(bold(`Done in ${elapsed(started)}.`))}
  sources   ${folder}/firmware/east/   (start with its README.md)
  report    node dist/east.mjs report ${config}`);
