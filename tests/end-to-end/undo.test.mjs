// Ctrl+Z belongs to whoever is typing; and an act that is large or long past is never taken back by one key.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A device with so many books, imported by command line before the window opens. */
function deviceWith(t, books) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  const rows = Array.from({ length: books }, (_, at) => `Book ${String(at + 1).padStart(3, "0")},Ursula K. Le Guin`);
  writeFileSync(file, `title,author\n${rows.join("\n")}\n`);
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  return device;
}

async function open(t, device) {
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Book 001");
  return window;
}

function books(device) {
  const listed = runToEnd(colophon, ["--json", "books", "list"], { env: device.environment() });
  return JSON.parse(listed.stdout).meta.total;
}

test("Ctrl+Z in the search box takes back what was typed there, and nothing else", async (t) => {
  const device = deviceWith(t, 12);
  const window = await open(t, device);
  const box = await window.find("input[type=search]");
  await box.click();
  await window.keys("book 00");
  assert.equal(await box.value(), "book 00");
  await window.keys(Key.control, "z");
  await eventually("something of it is gone", async () => (await box.value()) !== "book 00");
  for (let more = 0; more < 10; more++) await window.keys(Key.control, "z");
  await window.settles();
  assert.equal(await box.value(), "");
  assert.equal(books(device), 12);
  await window.keys(Key.control, Key.shift, "z");
  await eventually("typing comes back", async () => (await box.value()) !== "");
  await window.keys(Key.control, "y");
  await window.keys(Key.control, "y");
  await window.settles();
  assert.equal(await box.value(), "book 00");
  assert.equal(books(device), 12);
  await window.close();
});

test("Ctrl+Z takes back typing of the field that has the focus, and leaves the others", async (t) => {
  const device = deviceWith(t, 1);
  const window = await open(t, device);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  const box = await window.find("input[type=search]");
  await box.click();
  await window.keys("book");
  const publisher = await window.field("Publisher");
  await publisher.click();
  await window.keys("Ace Books");
  await window.keys(Key.control, "z");
  await window.keys(Key.control, "z");
  await window.keys(Key.control, "z");
  await eventually("the typing is taken back", async () => (await publisher.value()) === "");
  assert.equal(await box.value(), "book");
  assert.equal(books(device), 1);
  await window.close();
});

test("an act of an earlier start is named and asked about", async (t) => {
  const device = deviceWith(t, 1);
  const window = await open(t, device);
  await (await window.find("[role=grid]")).click();
  await window.keys(Key.control, "z");
  await window.find("[role=alertdialog]");
  assert.match(await window.text(), /Imported 1 book from “books.csv”/);
  await (await window.findText("Cancel")).click();
  await window.hides("Imported 1 book");
  // While it fades out the question still has the keyboard to itself.
  await eventually("the question is closed", () => window.run("return document.querySelector('[role=alertdialog]') === null"));
  assert.equal(books(device), 1);
  await window.keys(Key.control, "z");
  await window.find("[role=alertdialog]");
  await (await window.find("[role=alertdialog] button.destructive")).click();
  await eventually("the book is gone", () => books(device) === 0);
  await window.close();
});

test("what was undone after a question is done again by one key, and asked about when that is of an earlier start", async (t) => {
  const device = deviceWith(t, 21);
  const window = await open(t, device);
  await (await window.find("[role=grid]")).click();
  await window.keys(Key.control, "z");
  await window.find("[role=alertdialog]");
  const asked = await (await window.find("[role=alertdialog]")).text();
  assert.match(asked, /Imported 21 books from “books.csv”.*22 records/s);
  await (await window.find("[role=alertdialog] button.destructive")).click();
  await eventually("the books are gone", () => books(device) === 0);
  await eventually("the question is closed", () => window.run("return document.querySelector('[role=alertdialog]') === null"));
  await window.keys(Key.control, Key.shift, "z");
  await window.find("[role=alertdialog]");
  await (await window.find("[role=alertdialog] button.destructive")).click();
  await eventually("the books are back", () => books(device) === 21);
  await window.close();
});

test("the Undo of a message undoes what the message tells, whatever was done since", async (t) => {
  const device = deviceWith(t, 3);
  const window = await open(t, device);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(Key.delete);
  await window.shows("Deleted “Book 001”");
  const done = runToEnd(colophon, ["books", "add", "--title", "Another", "--author", "Ursula K. Le Guin"], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  await window.shows("Another");
  await (await window.findText("Undo")).click();
  await window.shows("Book 001");
  await window.settles();
  assert.equal(books(device), 4, "the other act was undone");
  await window.close();
});

test("an act on more than 20 records is asked about and then undone, and one on a few is not", async (t) => {
  const device = deviceWith(t, 1);
  const window = await open(t, device);
  const file = join(device.folder, "more.csv");
  writeFileSync(file, `title,author\n${Array.from({ length: 21 }, (_, at) => `More ${at},Karen Blixen`).join("\n")}\n`);
  runToEnd(colophon, ["import", file], { env: device.environment() });
  await window.shows("More 20");
  await (await window.find("[role=grid]")).click();
  await window.keys(Key.control, "z");
  await window.find("[role=alertdialog]");
  await window.settles();
  assert.equal(books(device), 22);
  await (await window.find("[role=alertdialog] button.destructive")).click();
  await eventually("the books are gone", () => books(device) === 1);
  await window.hides("More 20");

  await (await window.find("[role=row][aria-rowindex='2']")).click();
  const title = await window.field("Title");
  await title.click();
  await window.keys(Key.control, "a");
  await window.keys("Another title" + Key.tab);
  await window.shows("Another title");
  await (await window.find("[role=grid]")).click();
  await window.keys(Key.control, "z");
  await window.shows("Book 001");
  await window.close();
});
