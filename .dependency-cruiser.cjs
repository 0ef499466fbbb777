/** The house's dependency directions (docs/architecture.md): imports point downwards only. */
const layer = (name, forbidden) => ({
  name,
  severity: 'error',
  from: { path: `^src/${name.replace('-points-down', '')}/` },
  to: { path: forbidden },
});
// core/ops, core/frontends and core/tasks are rooms over several floors: a facet of theirs stands on the floor of those who use it.
const facet = (name) => [
  `^src/core/(ops|tasks)/[^/]+/[^/]*${name}\\.ts$`,
  `^src/core/ops/${name}-ops?\\.ts$`,
  `^src/core/tasks/${name}-tasks?\\.ts$`,
];
// What writes C of a front end.
const FRONTENDS_C = ['^src/core/frontends/emit', '^src/core/frontends/[^/]+/emit'];
const floor = (name, ...facets) => ({ name, path: [`^src/core/${name}/`, ...facets.flat()] });
// Floors of core from the ground up; each may import those before it (and itself), never those after.
const core = [
  floor('util'),
  floor('formats'),
  floor('codecs'),
  { ...floor('ops'), pathNot: ['execute', 'train', 'emit'].flatMap(facet) },
  { ...floor('frontends'), pathNot: FRONTENDS_C },
  floor('config'),
  { ...floor('tasks'), pathNot: ['train', 'emit'].flatMap(facet) },
  floor('graph'),
  floor('dataset'),
  floor('quant', facet('execute')),
  floor('models'),
  floor('east'),
  floor('train', facet('train')),
  floor('firmware', facet('emit'), FRONTENDS_C),
  floor('plan'),
  floor('report'),
  floor('advice'),
  floor('run'),
];
// The same within core/train; the folders of a floor do not know of one another.
const train = [
  ['kernels'],
  ['operations', 'engines'],
  ['pass'],
  ['shards'],
  ['imported'],
  ['loop', 'choice', 'install'],
];
const trainFolder = (names) =>
  names.flatMap((name) => (name === 'operations' ? facet('train') : `^src/core/train/${name}/`));
const WITH_TENSORFLOW = [
  '^src/core/train/engines/',
  '^node_modules/@tensorflow/',
  ...facet('train'),
];
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(vscode|@tensorflow/tfjs-node)$' },
    },
    layer('core-points-down', '^(src/(cli|worker|extension|protocol)|webview)/'),
    layer('protocol-points-down', '^(src/(cli|worker|extension)|webview)/'),
    layer('worker-points-down', '^src/(cli|extension)/'),
    layer('cli-points-down', '^src/(extension|worker)/'),
    layer('extension-points-down', '^(src/(cli|worker)|webview)/'),
    {
      name: 'webview-talks-only-the-protocol',
      severity: 'error',
      comment:
        'Core types are fine, core code is not, but for how numbers are written and phases are called: everything the dashboard shows comes in messages.',
      from: { path: '^webview/' },
      to: {
        path: '^src/(?!protocol/|core/(report/format|tasks/(phases|work))\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-tensorflow-in-the-editor',
      severity: 'error',
      comment: 'Training happens in the background process; the extension host stays small.',
      from: { path: '^src/extension/' },
      to: { path: WITH_TENSORFLOW, reachable: true },
    },
    {
      name: 'no-model-files-in-the-editor',
      severity: 'error',
      comment: 'The background process reads them; the extension host asks for what they hold.',
      from: { path: '^src/extension/' },
      to: { path: '^src/core/models/(model-files|(tflite|onnx|keras)/.*)\\.ts$', reachable: true },
    },
    {
      name: 'no-tensorflow-in-the-worker',
      severity: 'error',
      comment: 'It answers the editor; only the process of a run (job.ts) trains.',
      from: { path: '^src/worker/main' },
      to: { path: WITH_TENSORFLOW, reachable: true },
    },
    {
      name: 'no-tensorflow-in-the-firmware',
      severity: 'error',
      comment: 'What plans, writes and verifies sources trains nothing.',
      from: { path: '^src/core/(firmware|plan|advice|report)/' },
      to: { path: WITH_TENSORFLOW, reachable: true },
    },
    {
      name: 'vscode-only-in-extension',
      severity: 'error',
      from: { pathNot: '^src/extension/' },
      to: { path: '^vscode$' },
    },
    ...core.slice(0, -1).map(({ name, ...from }, i) => ({
      name: `core-${name}-below-${core[i + 1].name}`,
      severity: 'error',
      from,
      to: { path: core.slice(i + 1).flatMap(({ path }) => path) },
    })),
    ...train.flatMap((floor, i) =>
      floor.map((name) => ({
        name: `train-${name}-imports-floors-below`,
        severity: 'error',
        from: { path: trainFolder([name]) },
        to: {
          path: trainFolder([
            ...floor.filter((other) => other !== name),
            ...train.slice(i + 1).flat(),
          ]),
        },
      })),
    ),
    {
      name: 'train-stands-on-floors',
      severity: 'error',
      comment: 'A file outside of the folders would stand on no floor.',
      from: {},
      to: { path: '^src/core/train/[^/]+$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
