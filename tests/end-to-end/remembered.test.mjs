// What a person has chosen of the window is there at the next start, however soon and however hard the window went.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Device } from "./webdriver.mjs";

/** What a killed program may cost, as for what is being typed. */
const LOST_AT_MOST_MS = 500;

/** Chooses an item of the menu of the window's looks. */
async function look(window, word) {
  await window.clickOn("button", "View");
  await window.clickOn("*[@role='menuitemradio']", word);
}

/** The theme that the page is drawn in; null for the system's. */
function themeOf(window) {
  return window.run("return document.documentElement.dataset.theme ?? null;");
}

test("a look that is chosen is there again, however soon the window is closed", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  for (const theme of ["Dark", "Light", "Dark"]) {
    const window = await device.open();
    t.after(() => window.kill());
    await look(window, theme);
    assert.equal(await themeOf(window), theme.toLowerCase());
    await window.close();
    const again = await device.open();
    t.after(() => again.kill());
    assert.equal(await themeOf(again), theme.toLowerCase());
    await again.close();
  }
});

test("a look that is chosen is there again after kill -9", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  await look(window, "Dark");
  await pause(LOST_AT_MOST_MS);
  await window.kill();
  const again = await device.open();
  t.after(() => again.kill());
  assert.equal(await themeOf(again), "dark");
  await again.close();
});

test("what is remembered and cannot be read is forgotten, and the window opens", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const first = await device.open();
  t.after(() => first.kill());
  await look(first, "Dark");
  await first.close();
  const file = join(device.folder, "config", "colophon", "view.json");
  writeFileSync(file, '{"everywhere":{"view":"</script><script>document.title = 1"}}');
  const second = await device.open();
  t.after(() => second.kill());
  await second.shows("View");
  assert.equal(await themeOf(second), null);
  await second.close();
});
