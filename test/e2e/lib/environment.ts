// Where the programs under test lie, as scripts/test-e2e.mjs found or installed them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Screenshots and, after a failure, logs. */
export const outputFolder = path.join(root, 'build/e2e');

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start with \`npm run test:e2e\`.`);
  return value;
}

export const environment = {
  /** The Node.js that the server needs. */
  node: () => required('EAST_E2E_NODE'),
  /** code-server's entry. */
  server: () => required('EAST_E2E_SERVER'),
  chromium: () => required('EAST_E2E_CHROMIUM'),
  vsix: () => required('EAST_E2E_VSIX'),
};
