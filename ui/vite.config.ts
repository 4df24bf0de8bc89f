import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// `--mode demo` builds the window over the made-up catalogue, to be looked at in a browser. The shipped build has no trace of it.
export default defineConfig({
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['custom-remembered', 'preferredLanguage', 'baseLocale'],
    }),
    svelte(),
    svelteTesting(),
  ],
  build: {
    target: ['es2023', 'safari17.5', 'chrome124'],
    // A data: font or picture would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    // Patience for a busy machine; nothing is asserted about time.
    testTimeout: 60_000,
    setupFiles: ['tests/setup.ts'],
  },
});
