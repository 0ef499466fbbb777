#!/usr/bin/env node
/** Entry of the `east` command. */
import { version } from '../../package.json';
import { actions } from '../core/run/all-actions';
import { errorCode } from '../core/util/file-errors';
import { execute } from './execute';
import { processTerminal } from './terminal';

// Who reads the output may have seen enough (`east check | head -1`): the command goes on, and its exit code says how it ended.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: unknown) => {
    if (errorCode(error) !== 'EPIPE') throw error;
  });
}

// Set rather than exit: what is still in the pipes of stdout and stderr gets out.
process.exitCode = await execute(
  process.argv.slice(2),
  { terminal: processTerminal(), cwd: process.cwd(), actions },
  version,
);
