// The suite of test/host inside the extension host of this editor, with the package installed.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { buildHostSuite } from '../host/build.mjs';
import type { HostResult } from '../host/index';
import { outputFolder, root } from './lib/environment';
import { useSession } from './lib/session';
import { waitFor } from './lib/wait';

const suite = await buildHostSuite();
await mkdir(outputFolder, { recursive: true });
const resultFile = path.join(outputFolder, `host-result-${process.pid}.json`);

const session = useSession({
  workspace: { train: 1500, epochs: 4, pruneEpochs: 4 },
  server: {
    extensions: [path.join(root, 'test/host/driver')],
    env: { EAST_HOST_SUITE: suite, EAST_HOST_RESULT: resultFile },
  },
});

it('passes the in-host suite', async () => {
  session();
  const text = await waitFor('the suite to end', 280, () =>
    readFile(resultFile, 'utf8').catch(() => undefined),
  );
  const result: HostResult = JSON.parse(text);
  expect(result.error).toBeUndefined();
  for (const { name, milliseconds, failure } of result.tests) {
    console.log(`${failure === undefined ? '✓' : '✗'} ${name} (${milliseconds} ms)`);
  }
  expect(result.tests.length).toBeGreaterThan(10);
  expect(
    result.tests.flatMap(({ name, failure }) => (failure ? [`${name}: ${failure}`] : [])),
  ).toEqual([]);
});
