/* eslint-disable @typescript-eslint/no-require-imports -- a file of its own that is not bundled, for a host that loads CommonJS */
// The server's editor takes no test path from the outside, so this extension, installed beside the package, starts the
// suite. The desktop editor starts the same suite by itself (test/electron/run.mjs).
'use strict';
const { writeFileSync } = require('node:fs');

exports.activate = () => {
  const { EAST_HOST_SUITE: suite, EAST_HOST_RESULT: file } = process.env;
  if (suite === undefined || file === undefined) return;
  const write = (result) => writeFileSync(file, JSON.stringify(result));
  // Not awaited: the editor would call it an activation that takes for ever.
  require(suite)
    .runSuite()
    .then(write, (error) => write({ tests: [], error: String(error?.stack ?? error) }));
};
