// Many records at once: chosen, looked at, changed and deleted in the real window, by keys.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Hands } from "./hands.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A window on so many books, of which the first `typos` have a publisher with a typo. */
async function windowOn(t, books, typos) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  const publisher = (at) => (at < typos ? "Pengiun Books" : "Virago");
  const rows = Array.from({ length: books }, (_, at) => `Book ${String(at + 1).padStart(3, "0")},Ursula K. Le Guin,${publisher(at)}`);
  writeFileSync(file, `title,author,publisher\n${rows.join("\n")}\n`);
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Book 001");
  return { device, window };
}

/** How many books there are, or how many match. */
function books(device, ...where) {
  const listed = runToEnd(colophon, ["--json", "books", "list", ...where.flatMap((one) => ["--where", one])], { env: device.environment() });
  return JSON.parse(listed.stdout).meta.total;
}


/** The rows that are shown as chosen, by their titles. */
function chosen(window) {
  return window.run(`
    const rows = [...document.querySelectorAll("main [role=grid] [role=row][aria-selected=true]")];
    return rows.map((row) => row.children[1].innerText.trim());`);
}

function gone(window) {
  return eventually("the sheet is gone", () => window.run("return document.querySelector('[role=dialog], [role=alertdialog]') === null"));
}

test("one publisher's typo in 40 books is mended in three acts besides typing, and one more takes it back", async (t) => {
  const { device, window } = await windowOn(t, 60, 40);
  const hands = new Hands(window);
  await hands.chord(Key.control, "e");
  await window.shows("Edit all 60 books");
  await window.focuses("Field");
  await window.keys("Publi");
  await window.keys(Key.tab);
  await window.focuses("Change");
  await window.keys(Key.tab);
  await window.keys("Pengiun" + Key.tab + "Penguin");
  await window.shows("40 will change");
  await window.shows("20 stay as they are");
  assert.equal(books(device, "publisher:Penguin Books"), 0, "nothing is changed before it was seen");
  await hands.chord(Key.enter);
  await window.shows("Edited 40 records");
  assert.ok(hands.acts <= 3, `it took ${hands.acts} acts`);
  assert.equal(books(device, "publisher:Penguin Books"), 40);
  await gone(window);
  await window.focuses("Books");
  await window.keys(Key.control, "z");
  await window.find("[role=alertdialog]");
  await (await window.find("[role=alertdialog] button.destructive")).click();
  await eventually("the typo is back", () => books(device, "publisher:Pengiun Books") === 40);
  await window.close();
});

test("rows are chosen by keys, counted at the foot, and kept while the list is searched and ordered", async (t) => {
  const { window } = await windowOn(t, 30, 0);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(" ");
  await window.shows("1 selected");
  await window.keys(Key.down);
  await window.keys(Key.down);
  await window.keys(Key.shift, Key.down);
  await window.keys(Key.shift, Key.down);
  await window.shows("4 selected");
  assert.deepEqual(await chosen(window), ["Book 001", "Book 003", "Book 004", "Book 005"]);
  await (await window.find("input[type=search]")).type("book 00");
  await window.shows("9 found");
  assert.deepEqual(await chosen(window), ["Book 001", "Book 003", "Book 004", "Book 005"]);
  await window.keys(Key.enter);
  await window.focuses("Books");
  await window.keys(Key.control, "a");
  await window.shows("9 selected");
  await window.keys(" ");
  await window.shows("8 selected");
  await window.keys("/");
  await window.keys(Key.control, "a");
  await window.keys(Key.backspace);
  await window.hides("9 found");
  await eventually("the others are not chosen", async () => (await chosen(window)).length === 8);
  await window.keys(Key.enter);
  await window.focuses("Books");
  await window.keys(Key.escape);
  await window.hides("selected");
  await window.focuses("Books");
  await window.close();
});

test("of more than 20 chosen books a person is asked before they are deleted, and one step brings them back", async (t) => {
  const { device, window } = await windowOn(t, 30, 0);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(Key.control, "a");
  await window.shows("30 selected");
  await window.keys(Key.delete);
  await window.shows("Delete 30 books?");
  assert.equal(books(device), 30);
  await window.keys(Key.escape);
  await gone(window);
  await window.focuses("Books");
  await window.shows("30 selected");
  await window.keys(Key.delete);
  await (await window.find("[role=alertdialog] button.destructive")).click();
  await eventually("they are gone", () => books(device) === 0);
  await window.shows("Deleted 30 records");
  await (await window.findText("Undo")).click();
  await eventually("they are back", () => books(device) === 30);
  await window.close();
});
