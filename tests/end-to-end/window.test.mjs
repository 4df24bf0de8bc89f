// The window itself: it opens, paints and closes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Device } from "./webdriver.mjs";

test("the window opens with the pages that are inside the program", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  assert.match(await window.run("return location.href"), /^tauri:\/\/localhost/);
  assert.equal(await window.run("return document.title"), "Colophon");
  await window.close();
});
