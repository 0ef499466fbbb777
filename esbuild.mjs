// Bundles everything that runs into dist/, which together with media/ is all that the installed extension holds. With
// --command FOLDER the `east` command alone, small, into that folder (scripts/package-command.mjs).
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');

const node = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
  legalComments: 'linked',
  external: ['esbuild'],
  // Its CommonJS build loads its parts in a way that no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  // What CommonJS dependencies expect and an ES module does not have.
  banner: {
    js: [
      "import { createRequire as eastCreateRequire } from 'node:module';",
      'const require = eastCreateRequire(import.meta.url);',
      "import { fileURLToPath as eastFileOf } from 'node:url';",
      "import { dirname as eastFolderOf } from 'node:path';",
      // import.meta.dirname would need Node 20.11; VS Code 1.90 brings 20.9.
      'const __filename = eastFileOf(import.meta.url), __dirname = eastFolderOf(__filename);',
    ].join('\n'),
  },
};

/** By name in dist/: what starts there in a process or thread of its own. */
const commandEntries = {
  east: 'src/cli/main.ts',
  'batch-worker': 'src/core/dataset/batch-worker.ts',
  'evaluation-worker': 'src/core/quant/evaluation-worker.ts',
  'lock-beat-worker': 'src/core/run/lock-beat-worker.ts',
  'shard-worker': 'src/core/train/shards/shard-worker.ts',
  'engine-check': 'src/core/train/install/check-program.ts',
};
const entries = {
  ...commandEntries,
  worker: 'src/worker/main.ts',
  job: 'src/worker/job.ts',
  'read-model': 'src/worker/read-model-thread.ts',
};

/**
 * The extension host of VS Code 1.90 loads CommonJS only, which esbuild does not split. So the extension is bundled as
 * ES modules, split where the code imports on demand, and each part is then turned into CommonJS: what a window does not
 * use is not even read.
 */
async function buildExtension() {
  const parts = join(root, 'build/extension');
  await rm(parts, { recursive: true, force: true });
  await build({
    ...node,
    entryPoints: { extension: 'src/extension/extension.ts' },
    splitting: true,
    chunkNames: 'extension-[hash]',
    outdir: parts,
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
    banner: {},
  });
  for (const name of await readdir(dist).catch(() => [])) {
    if (/^extension-.*\.cjs/.test(name)) await rm(join(dist, name));
  }
  const names = (await readdir(parts)).filter((name) => name.endsWith('.cjs'));
  await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => join(parts, name)),
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    sourcemap: true,
    sourcesContent: true,
    logLevel: 'warning',
    // require() instead, as import() from CommonJS is not there in every extension host.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'eastModuleUrl' },
    banner: { js: "const eastModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
}

/** The dashboard, in a browser without access to anything. */
const webview = {
  ...node,
  entryPoints: { dashboard: 'webview/main.ts' },
  platform: 'browser',
  target: 'chrome122',
  format: 'iife',
  minify: true,
  outExtension: { '.js': '.js' },
  external: [],
  banner: {},
};

/** What the bundles read beside them: binaries of the backend, the JPEG decoder and the resampler, and the C runtime. */
async function copyBeside(folder) {
  // A name in node_modules/.bin or a link to it must be able to start it.
  await chmod(join(folder, 'east.mjs'), 0o755);
  const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  for (const name of await readdir(wasm)) {
    if (name.endsWith('.wasm')) await cp(join(wasm, name), join(folder, name));
  }
  const jpeg = createRequire(import.meta.url).resolve(
    '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm',
  );
  await cp(jpeg, join(folder, 'libjpegturbowasm_decode.wasm'));
  const speex = createRequire(import.meta.url).resolve('@echogarden/speex-resampler-wasm');
  const resampler = 'speex-resampler-nonsimd.wasm';
  await cp(join(dirname(speex), resampler), join(folder, resampler));
  // The C runtime in one folder: what all networks share, and the files that lie with their operation, format,
  // codec or target.
  await cp(join(root, 'src/core/firmware/runtime'), join(folder, 'runtime'), { recursive: true });
  const rooms = ['ops', 'frontends', 'formats', 'codecs', 'firmware/targets'].map(
    (room) => `src/core/${room}`,
  );
  for (const room of rooms) {
    for (const file of await readdir(join(root, room), { recursive: true })) {
      if (!/\.([ch]|ld)$/.test(file)) continue;
      await cp(join(root, room, file), join(folder, 'runtime', basename(file)));
    }
  }
}

/** Pages that the editor shows; what they link to outside the package is words in it. */
async function copyDocs() {
  const pages = ['import.md', 'trained-elsewhere.md'];
  await mkdir(join(dist, 'docs'), { recursive: true });
  for (const page of pages) {
    const text = await readFile(join(root, 'docs', page), 'utf8');
    const within = text.replace(/\[([^\]]+)\]\(([^)#]*)[^)]*\)/g, (link, words, target) =>
      target === '' || pages.includes(target) ? link : words,
    );
    await writeFile(join(dist, 'docs', page), within);
  }
}

const { values: options } = parseArgs({ options: { command: { type: 'string' } } });
if (options.command === undefined) {
  await Promise.all([build({ ...node, entryPoints: entries }), buildExtension(), build(webview)]);
  await copyBeside(dist);
  await copyDocs();
} else {
  const outdir = resolve(options.command);
  // Shared parts once: threads and processes of their own use most of what the command does.
  await build({
    ...node,
    entryPoints: commandEntries,
    outdir,
    splitting: true,
    chunkNames: 'east-[hash]',
    minify: true,
    sourcemap: false,
  });
  await copyBeside(outdir);
}
