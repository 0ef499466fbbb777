import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

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
    files: ['scripts/**', 'bench/**', 'test/e2e/**', 'test/electron/**', '*.mjs', '*.js', '*.ts'],
    rules: { 'no-console': 'off' },
  },
);
