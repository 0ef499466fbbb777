import { existsSync, readdirSync } from 'node:fs';
import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// Files of a workspace may be anything: they are read by core/util/read-file.ts alone, which looks at them first.
const OPENING = [
  ...['readFile', 'readFileSync', 'open', 'openSync', 'openAsBlob', 'createReadStream'],
  ...['appendFile', 'appendFileSync', 'copyFile', 'copyFileSync', 'cp', 'cpSync'],
  ...['promises', 'default', 'truncate', 'truncateSync', 'createWriteStream'],
];
const READ_FILE =
  'Use core/util/read-file.ts: what lies in a workspace may be a device or without end.';

// What has the four facets is a kind of layer; other folders of core/ops are what kinds share.
const OPS = new URL('src/core/ops/', import.meta.url);
const ALL_KINDS = readdirSync(OPS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/train.ts`, OPS)))
  .map((entry) => entry.name);
// Words that mean other things, too, where nothing is compared with a layer's kind or type.
const WORDS = ['dense', 'add', 'activation', 'clip', 'requantize'];
const KINDS = ALL_KINDS.filter((kind) => !WORDS.includes(kind)).join('|');
const ALSO_KINDS = [...WORDS, 'relu', 'relu6'].join('|');
const OF_A_LAYER = 'property.name=/^(kind|type)$/';
const BRANCHES_ON_KIND = [
  `Literal[value=/^(${KINDS})$/]`,
  `TemplateElement[value.raw=/\\b(${KINDS})\\b/]`,
  `Property[key.name=/^(${KINDS})$/]`,
  ...['left', 'right'].map(
    (side) => `BinaryExpression[${side}.${OF_A_LAYER}] > Literal[value=/^(${ALSO_KINDS})$/]`,
  ),
  `BinaryExpression:has(> Identifier[name='kind']) > Literal[value=/^(${ALSO_KINDS})$/]`,
  `SwitchStatement[discriminant.${OF_A_LAYER}] > SwitchCase > Literal[value=/^(${ALSO_KINDS})$/]`,
  `SwitchStatement[discriminant.name='kind'] > SwitchCase > Literal[value=/^(${ALSO_KINDS})$/]`,
  // `['add'].includes(layer.kind)`, `new Set(['add']).has(layer.kind)`
  `CallExpression[callee.property.name=/^(includes|has|indexOf)$/][arguments.0.${OF_A_LAYER}] Literal[value=/^(${ALSO_KINDS})$/]`,
  // `layer.kind.startsWith('global')`
  `CallExpression[callee.object.property.name='kind'][callee.property.name=/^(startsWith|endsWith|includes|match)$/]`,
  // `{ add: …, dense: … }[layer.kind]`
  `MemberExpression[computed=true][property.property.name='kind'] > ObjectExpression`,
];
const ASK_THE_OPERATION =
  "What depends on a layer's kind is asked of its operation: a facet in core/ops (docs/adding.md).";

const IS_UNDEFINED =
  "[test.operator=/^[!=]==$/][test.right.type='Identifier'][test.right.name='undefined']";
const WITHOUT_UNDEFINED = [
  `SpreadElement > ConditionalExpression${IS_UNDEFINED}[consequent.properties.length=0][alternate.properties.length=1]`,
  `SpreadElement > ConditionalExpression${IS_UNDEFINED}[alternate.properties.length=0][consequent.properties.length=1]`,
].map((selector) => ({
  selector,
  message:
    'An optional key is made by defined(), ifDefined() changes what is there (core/util/defined.ts).',
}));

export default tseslint.config(
  { ignores: ['**/*.as.ts', 'dist/', 'build/', 'node_modules/', 'coverage/', '**/.east/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    languageOptions: { globals: globals.node },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      // Index loops over typed arrays are the house style for numeric code; `arr[i]!` says "in range".
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**', 'webview/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message:
            'What is due after some time goes by core/util/clock.ts, since the system clock may be set; new Date() is for stamps.',
        },
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: [
      'src/core/util/{read-file,system-file}.ts',
      // They make new files, which cannot be links: `wx`.
      'src/core/run/{atomic-file,lock}.ts',
      'src/core/firmware/write-sources.ts',
      // The package's own files, and those of engines in the user's cache folder.
      'src/core/firmware/{runtime-files,verify}.ts',
      'src/core/train/{engines,install}/**',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: ['node:fs', 'node:fs/promises', 'fs', 'fs/promises'].map((name) => ({
            name,
            importNames: OPENING,
            message: READ_FILE,
            allowTypeImports: true,
          })),
        },
      ],
    },
  },
  {
    files: ['src/**', 'webview/**'],
    rules: { 'no-restricted-syntax': ['error', ...WITHOUT_UNDEFINED] },
  },
  {
    files: ['src/**', 'webview/**'],
    ignores: [
      'src/core/ops/**',
      // Networks as data, and those of other formats.
      'src/core/models/**',
      // TensorFlow.js's operations, which have such names.
      'src/core/train/kernels/**',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...WITHOUT_UNDEFINED,
        ...BRANCHES_ON_KIND.map((selector) => ({ selector, message: ASK_THE_OPERATION })),
      ],
    },
  },
  {
    files: ['scripts/**', 'bench/**', 'test/e2e/**', 'test/electron/**', '*.mjs', '*.js', '*.ts'],
    rules: { 'no-console': 'off' },
  },
);
