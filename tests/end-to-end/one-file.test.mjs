// Somebody closes the window and copies the one file: the copy is the catalogue.

import assert from "node:assert/strict";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** The titles in a copy of the one file, beside which nothing may lie. */
function titlesOfACopy(device) {
  for (const ending of ["-wal", "-shm"]) assert.ok(!existsSync(device.file + ending), `${ending} is left`);
  const copy = join(device.folder, "copy.sqlite");
  copyFileSync(device.file, copy);
  const list = runToEnd(colophon, ["books", "list", "--json", "--file", copy], { env: device.environment() });
  assert.equal(list.status, 0, list.stderr);
  return JSON.parse(list.stdout).items.map((book) => book.title);
}

for (const [how, end] of [
  ["is closed", (window) => window.close()],
  ["is told to end by the system", (window) => window.terminate()],
]) {
  test(`a window that ${how} leaves one file that is all of it`, async (t) => {
    const device = new Device();
    t.after(() => device.remove());
    const window = await device.open();
    t.after(() => window.kill());
    await window.shows("Your catalogue is empty");
    await window.keys(Key.control, "n");
    await (await window.field("Title")).type("Solaris" + Key.tab);
    const author = await window.field("Author");
    await author.type("Stanisław Lem");
    await window.find("[role=listbox] [role=option]");
    await author.type(Key.enter);
    await window.shows("Added “Solaris”");
    await end(window);
    assert.deepEqual(titlesOfACopy(device), ["Solaris"]);
  });
}
