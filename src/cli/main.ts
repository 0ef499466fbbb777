#!/usr/bin/env node
/** Entry of the `east` command. */
import { version } from '../../package.json';
import { jobs } from '../core/run/all-jobs';
import { execute } from './execute';
import { processTerminal } from './terminal';

// Set rather than exit: what is still in the pipes of stdout and stderr gets out.
process.exitCode = await execute(
  process.argv.slice(2),
  { terminal: processTerminal(), cwd: process.cwd(), jobs },
  version,
);
