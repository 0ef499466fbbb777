// Everything that must hold before a change is taken in: `npm test`.
import { elapsed, green, runSteps } from './lib/steps.mjs';

const started = Date.now();
await runSteps([
  ['Types', 'npm', 'run', '--silent', 'typecheck'],
  ['Lint, dependency directions, format', 'npm', 'run', '--silent', 'lint'],
  ['Tests', 'npx', 'vitest', 'run'],
]);
console.log(green(`\nAll good in ${elapsed(started)}.`));
