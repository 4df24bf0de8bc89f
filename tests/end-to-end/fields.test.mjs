// Every field that is declared has its box, a choice has its words, and a book may be without an author.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** What the command line knows of the one book that the catalogue has. */
function bookOf(device) {
  const listed = runToEnd(colophon, ["--json", "books", "list"], { env: device.environment() });
  const { id } = JSON.parse(listed.stdout).items[0];
  return JSON.parse(runToEnd(colophon, ["--json", "books", "show", id], { env: device.environment() }).stdout);
}

test("a book without an author gets fields, a format and an author, and loses the author again", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Add a book");
  await window.keys(Key.control, "n");
  await window.shows("New book");
  await (await window.field("Title")).click();
  await window.keys("Beowulf" + Key.tab);
  await window.focuses("Author");
  await window.keys(Key.enter);
  await window.shows("Added “Beowulf”");
  assert.equal(bookOf(device).author, null);

  await (await window.field("Shelf mark")).click();
  await window.keys(" R   12" + Key.tab);
  await eventually("the shelf mark is kept", () => bookOf(device).shelf_mark === "R 12");
  const format = await window.find("select[data-field=format]");
  await format.type("Paperback");
  await eventually("the format is kept", () => bookOf(device).format === "paperback");
  assert.equal(await format.value(), "paperback");

  await (await window.field("Author")).click();
  await window.keys("Anonymous of Mercia");
  await window.find("[role=listbox] [role=option]");
  await window.keys(Key.enter);
  await eventually("the author is kept", () => bookOf(device).author?.name === "Anonymous of Mercia");
  await (await window.field("Author")).click();
  await window.keys(Key.control, "a");
  await window.keys(Key.delete + Key.tab);
  await eventually("the author is gone", () => bookOf(device).author === null);
  await window.keys(Key.control, "z");
  await eventually("the author is back", () => bookOf(device).author?.name === "Anonymous of Mercia");
  await window.close();
});
