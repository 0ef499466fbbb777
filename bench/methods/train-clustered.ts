/**
 * `east run` and `east resume` with clustered weights: `tsx train-clustered.ts <levels.json> run|resume <config>`, the
 * first a table of levels by layer name (clustering.ts). Locks, checkpoints and Ctrl-C are those of the command.
 */
import { readFileSync } from 'node:fs';
import { execute } from '../../src/cli/execute';
import { processTerminal } from '../../src/cli/terminal';
import { trainedFormats } from '../../src/core/formats/fits';
import { actions } from '../../src/core/run/all-actions';
import { runJob } from '../../src/core/run/run-job';
import { clustered, type Levels } from './clustering';

const [levelsFile = '', ...command] = process.argv.slice(2);
const levels: Levels = JSON.parse(readFileSync(levelsFile, 'utf8'));
const clusters = Object.fromEntries(
  Object.entries(levels)
    .filter(([, count]) => count < 256)
    .map(([name, count]) => [name, [clustered(count)]]),
);
process.exitCode = await execute(
  command,
  {
    terminal: processTerminal(),
    cwd: process.cwd(),
    actions: {
      ...actions,
      run: (job) => runJob(job, (possible) => ({ ...trainedFormats(possible), ...clusters })),
    },
  },
  'bench',
);
