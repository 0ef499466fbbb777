/** What `east engine install` takes from a registry: what the locks name, to the byte. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineLocks, lockProblem } from '../../../scripts/generate/engine-locks';
import { installPackages, type PackageLock } from '../../../src/core/train/install/npm-packages';
import { UserError } from '../../../src/core/util/errors';

const root = join(import.meta.dirname, '../../..');
let scratch: string;
let server: Server | undefined;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'east-locks-'));
});
afterEach(() => {
  server?.close();
  server = undefined;
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

describe('the locks', () => {
  it.each(engineLocks.map((lock) => [lock.path, lock] as const))(
    '%s pins all',
    async (path, lock) => {
      const text = readFileSync(join(root, path), 'utf8');
      expect(await lock.isCurrent?.(text)).toBe(true);
      // Neither a registry nor any other host.
      expect(text).not.toMatch(/"resolved"|registry/);
      expect(text.match(/"integrity": "sha512-/g)?.length).toBeGreaterThan(5);
    },
  );

  it.each<[string, (text: string) => string]>([
    ['a package without a hash', (text) => text.replace(/,\s*"integrity": "[^"]*"/, '')],
    ['another version', (text) => text.replaceAll('4.22.0', '4.21.0')],
    ['a host', (text) => text.replace('"integrity"', '"resolved": "https://x/y.tgz", "integrity"')],
  ])('with %s are not current', async (_what, change) => {
    for (const lock of engineLocks) {
      const text = readFileSync(join(root, lock.path), 'utf8');
      expect(await lock.isCurrent?.(change(text)), lock.path).toBe(false);
    }
  });

  it('are of the packages that are asked for', () => {
    const text = readFileSync(join(root, engineLocks[0]!.path), 'utf8');
    expect(lockProblem(text, 'east-native-engine', { other: '1.0.0' })).toContain('other packages');
  });
});

/** An archive of a package that needs another one. */
function archive(name: string, dependencies: object, content: string): Buffer {
  const folder = join(scratch, 'package');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', main: 'index.js', dependencies }),
  );
  writeFileSync(join(folder, 'index.js'), content);
  return execFileSync('tar', ['-C', scratch, '-cz', 'package']);
}

const integrity = (bytes: Buffer): string =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/** A registry on this machine, which npm is told to use. */
async function registry(archives: Readonly<Record<string, Buffer>>): Promise<void> {
  server = createServer((request, response) => {
    const { host } = request.headers;
    const [, name = '', file] = (request.url ?? '').split('/');
    const bytes = archives[name];
    if (bytes === undefined) return response.writeHead(404).end();
    if (file !== undefined) return response.end(bytes);
    const dist = { tarball: `http://${host}/${name}/a.tgz`, integrity: integrity(bytes) };
    const versions = { '1.0.0': { name, version: '1.0.0', dist } };
    return response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions }));
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${address.port}/`);
  vi.stubEnv('npm_config_cache', join(scratch, 'cache'));
  vi.stubEnv('npm_config_fetch_retries', '0');
}

describe('installing', () => {
  const inner = (content: string): Buffer => archive('inner', {}, content);
  const lockFor = (outer: Buffer, needed: Buffer): PackageLock => {
    const packages = {
      '': { name: 'engine', dependencies: { outer: '1.0.0' } },
      'node_modules/outer': {
        version: '1.0.0',
        integrity: integrity(outer),
        dependencies: { inner: '^1.0.0' },
      },
      'node_modules/inner': { version: '1.0.0', integrity: integrity(needed) },
    };
    const lock = { name: 'engine', lockfileVersion: 3, requires: true, packages };
    return lock;
  };

  it('takes what the lock names from the registry of the user', async () => {
    const outer = archive('outer', { inner: '^1.0.0' }, 'exports.a = 1;');
    const good = inner('exports.b = 1;');
    await registry({ outer, inner: good });
    const cwd = join(scratch, 'engine');
    mkdirSync(cwd);
    await installPackages('install it', 'npm', lockFor(outer, good), { cwd });
    expect(readFileSync(join(cwd, 'node_modules/inner/index.js'), 'utf8')).toBe('exports.b = 1;');
  });

  it('refuses another archive, also of a package that only others need', async () => {
    const outer = archive('outer', { inner: '^1.0.0' }, 'exports.a = 1;');
    const good = inner('exports.b = 1;');
    const bad = inner('require("node:fs").writeFileSync("/tmp/x", "");');
    await registry({ outer, inner: bad });
    const cwd = join(scratch, 'engine');
    mkdirSync(cwd);
    const installing = installPackages('install it', 'npm', lockFor(outer, good), { cwd });
    await expect(installing).rejects.toThrow(UserError);
    await expect(installing).rejects.toThrow(
      /could not install it: npm ended with exit code 1[^]*EINTEGRITY/,
    );
    expect(existsSync(join(cwd, 'node_modules/inner/index.js'))).toBe(false);
  });
});
