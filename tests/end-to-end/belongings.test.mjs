// Tags and identifiers of a book, other names of its author: typed, shown, found, taken away and undone.

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

test("a book gets tags and an identifier, one tag goes again, and an undo brings it back", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Add a book");
  await window.keys(Key.control, "n");
  await window.shows("New book");
  await (await window.field("Title")).click();
  await window.keys("The Hobbit" + Key.tab);
  await window.focuses("Author");
  await window.keys(Key.enter);
  await window.shows("Added “The Hobbit”");

  await (await window.field("Tags")).click();
  await window.keys("Dragons" + Key.enter);
  await eventually("the tag is kept", () => bookOf(device).tags.join() === "Dragons");
  await window.keys("dragons" + Key.enter);
  await window.keys("Fantasy" + Key.enter);
  await eventually("each tag is there once", () => bookOf(device).tags.join() === "Dragons,Fantasy");

  await (await window.field("Identifiers")).click();
  await window.keys("118540238" + Key.tab);
  await window.shows("whose");
  await window.find("input[data-field=identifiers][aria-invalid=true]");
  await (await window.field("Identifiers")).click();
  await window.keys(Key.control, "a");
  await window.keys("https://www.goodreads.com/book/show/5907.The_Hobbit" + Key.enter);
  await eventually("the identifier is kept", () => bookOf(device).identifiers.join() === "goodreads:5907");
  await window.shows("goodreads:5907");

  await (await window.find("button[data-field=tags]")).click();
  await eventually("the first tag is gone", () => bookOf(device).tags.join() === "Fantasy");
  await window.keys(Key.control, "z");
  await eventually("it is back", () => bookOf(device).tags.join() === "Dragons,Fantasy");
  assert.equal(bookOf(device).title, "The Hobbit");
  await window.close();
});
