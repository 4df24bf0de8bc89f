// A new book is the one that is open after it was added, whatever the list was asked and however fast a person is.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** How often it is tried: it is a race. */
const TRIES = 14;

test("a new book that the search does not match is open after it was added", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  const rows = Array.from({ length: 300 }, (_, at) => `Book ${String(at + 1).padStart(3, "0")},Ursula K. Le Guin`);
  writeFileSync(file, `title,author\n${rows.join("\n")}\n`);
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Book 001");

  const opened = [];
  for (let at = 1; at <= TRIES; at++) {
    const box = await window.find("input[type=search]");
    await box.click();
    await window.keys(Key.control, "a");
    await window.keys("book 1");
    await eventually("the list is narrowed", async () => (await window.text()).includes("Book 100") && !(await window.text()).includes("Book 002"));
    await (await window.find(`[role=row][aria-rowindex='${at + 2}']`)).click();
    await window.field("Publisher");
    await window.keys(Key.control, "n");
    await window.shows("New book");
    await (await window.field("Title")).click();
    await window.keys(`Quite another ${at}` + Key.tab);
    await window.keys("Ursula K. Le Guin");
    await window.find("[role=listbox] [role=option]");
    await window.keys(Key.enter);
    await window.shows(`Added “Quite another ${at}”`);
    await window.settles();
    opened.push(await (await window.field("Title")).value());
  }
  assert.deepEqual(opened, Array.from({ length: TRIES }, (_, at) => `Quite another ${at + 1}`));
  await window.close();
});
