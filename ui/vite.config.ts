import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { ServerOptions } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where a core is served (`scripts/serve`), for the page that is developed in front of it. */
const core = process.env.COLOPHON_CORE;

/** Hands on to the core what is not of the page, as if the page came from there. */
function handedOn(address: string): ServerOptions {
  const { origin, pathname } = new URL(address);
  const asked = `^${pathname}(invoke/|listen/|door/|events$)`;
  return { proxy: { [asked]: { target: origin, changeOrigin: true, headers: { origin } } } };
}

// `--mode served` makes the page for an ordinary browser, in front of a core that is served over loopback. The shipped build has
// no trace of it.
export default defineConfig({
  clearScreen: false,
  base: core === undefined ? '/' : new URL(core).pathname,
  server: { port: 1420, strictPort: true, ...(core === undefined ? {} : handedOn(core)) },
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
