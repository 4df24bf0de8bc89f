import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const ONLY_IPC = 'Only src/ipc speaks to the shell; ask its catalogue instead.';

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/paraglide', 'src/ipc/bindings.ts', 'project.inlang'] },
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['@tauri-apps/*'], message: ONLY_IPC }] }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "SvelteAttribute[key.name='style']",
          message:
            'The content security policy refuses a style attribute; the style: directive sets properties instead.',
        },
      ],
      // Maps and sets here are replaced whole and held in $state.raw: a page of rows must not be a hundred proxies.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['src/ipc/**'], rules: { 'no-restricted-imports': 'off' } },
);
