// What lies in the extension package: all that runs, and nothing else.
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment } from './lib/environment';

describe('the extension package', () => {
  let size = 0;
  let files: Record<string, Uint8Array> = {};

  beforeAll(async () => {
    const vsix = await readFile(environment.vsix());
    size = vsix.length;
    files = unzipSync(vsix);
  });

  /** By name in dist/: the entry, and what it loads on demand. */
  const extensionParts = (): string[] => {
    const names = Object.keys(files).map((name) => name.replace('extension/dist/', ''));
    return names.filter((name) => /^extension(-[A-Z0-9]+)?\.cjs$/.test(name));
  };

  it('is under 8 MB', () => {
    expect(size).toBeLessThan(8e6);
  });

  it('holds everything that runs', () => {
    const needed = [
      ...['package.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'media/icon.png'],
      ...['dist/extension.cjs', 'dist/worker.mjs', 'dist/job.mjs', 'dist/east.mjs'],
      ...[
        'dist/batch-worker.mjs',
        'dist/lock-beat-worker.mjs',
        'dist/shard-worker.mjs',
        'dist/evaluation-worker.mjs',
        'dist/read-model.mjs',
        'dist/docs/import.md',
      ],
      ...['dist/dashboard.js', 'dist/dashboard.css', 'media/east.schema.json'],
      ...['dist/tfjs-backend-wasm.wasm', 'dist/tfjs-backend-wasm-simd.wasm'],
      ...['dist/runtime/east_run.c', 'dist/runtime/east_lz4.h', 'dist/runtime/cortex_m4.ld'],
    ];
    expect(needed.filter((name) => files[`extension/${name}`] === undefined)).toEqual([]);
  });

  it('holds each file that package.json names', () => {
    const manifest = new TextDecoder().decode(files['extension/package.json']);
    const named = [...manifest.matchAll(/"(?:\.\/)?((?:media|dist)\/[^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => files[`extension/${name}`] === undefined)).toEqual([]);
  });

  it('holds no sources, maps, tests, modules or native code', () => {
    const allowed = [
      /^\[Content_Types\]\.xml$|^extension\.vsixmanifest$/,
      /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
      /^extension\/dist\/[^/]+\.(mjs|cjs|js|css|wasm|LEGAL\.txt)$/,
      /^extension\/dist\/docs\/[a-z-]+\.md$/,
      /^extension\/dist\/runtime\/(verify\/)?[^/]+\.(c|h|ld)$/,
      /^extension\/media\/[^.]+\.(png|svg|md|json|schema\.json|editor\.schema\.json)$/,
    ];
    const odd = Object.keys(files).filter((name) => !allowed.some((form) => form.test(name)));
    expect(odd).toEqual([]);
  });

  it('has no code left that asks for a module of node_modules', () => {
    const builtIn = /^(node:|vscode$|\.)/;
    const imported = /(?:^|[;\s])import\s*(?:[\w*{}\s,$]+\s*from\s*)?["']([^"'\n]+)["']/g;
    // Not in a string: ajv holds source text that requires its own parts, and never runs it.
    const required = /(?<!["'`])\brequire\(["']([^"'\n]+)["']\)/g;
    for (const name of ['worker.mjs', 'batch-worker.mjs', 'dashboard.js', ...extensionParts()]) {
      const code = new TextDecoder().decode(files[`extension/dist/${name}`]);
      // What packages bundled into an ES module require is their own doing, and optional.
      const asked = [...code.matchAll(name.endsWith('.cjs') ? required : imported)].map(
        ([, module]) => module ?? '',
      );
      const foreign = asked.filter((module) => !builtIn.test(module) && !isBuiltin(module));
      expect(foreign, name).toEqual([]);
    }
  });

  it('keeps TensorFlow.js out of the extension host and out of the dashboard', () => {
    // A name of its interface, which no bundler shortens.
    const holdsIt = (name: string): boolean =>
      new TextDecoder().decode(files[`extension/dist/${name}`]).includes('registerBackend');
    expect(holdsIt('job.mjs')).toBe(true);
    expect([...extensionParts(), 'dashboard.js', 'worker.mjs'].filter(holdsIt)).toEqual([]);
  });
});
