#!/usr/bin/env node
/** Entry of the `east` command. */
import { version } from '../../package.json';
import { actions } from '../core/run/all-actions';
import { execute } from './execute';
import { processTerminal } from './terminal';

// Set rather than exit: what is still in the pipes of stdout and stderr gets out.
process.exitCode = await execute(
  process.argv.slice(2),
  { terminal: processTerminal(), cwd: process.cwd(), actions },
  version,
);
