// The page that people get, but for the way to its core, in Debian's Chromium: `scripts/test` runs this after it has built both.

import { defineConfig } from "@playwright/test";

/** Patience for a busy machine; a test takes a few seconds. */
const TEST_TIMEOUT_MS = 120_000;
const STATE_TIMEOUT_MS = 30_000;
/** All of them together; two minutes on a machine that has nothing else to do. */
const ALL_TIMEOUT_MS = 1_800_000;

export default defineConfig({
  testDir: ".",
  outputDir: "../../target/browser",
  globalSetup: "./files.mjs",
  globalTimeout: ALL_TIMEOUT_MS,
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: STATE_TIMEOUT_MS },
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env.COLOPHON_CHROMIUM ?? "/usr/bin/chromium" },
    actionTimeout: STATE_TIMEOUT_MS,
    screenshot: "only-on-failure",
  },
});
