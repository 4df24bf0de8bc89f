// What is there twice becomes one, in the real window, by keys: pairs of books, two spellings of a person, all at once, and by hand.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Hands } from "./hands.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A window on these books. */
async function windowOn(t, rows) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  writeFileSync(file, `title,author,year,publisher\n${rows.join("\n")}\n`);
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.find("main [role=grid] [role=row]");
  return { device, window };
}

/** What the command answers about the same catalogue. */
function asked(device, ...words) {
  return JSON.parse(runToEnd(colophon, ["--json", ...words], { env: device.environment() }).stdout);
}

function total(device, kind = "books") {
  return asked(device, kind, "list").meta.total;
}

/** The list at the side that is called so: a driver takes its label for hidden, because the label may be cut. */
const atTheSide = (window, name) => window.find(`nav button[title="${name}"]`);


function gone(window) {
  return eventually("the view is gone", () => window.run("return document.querySelector('[role=dialog]') === null"));
}

/** The record that stays has the focus, of these many groups. */
async function ready(window, left) {
  await window.shows(`${left} left`);
  await eventually("the keys have somewhere to go", () =>
    window.run("return document.activeElement.matches('[role=dialog] [aria-pressed=true]')"),
  );
}

/** Twenty books that are there twice, each with a copy that says less, and ten that are there once. */
function twenty() {
  return Array.from({ length: 30 }, (_, at) => `Volume ${String(at + 1).padStart(2, "0")},Ursula K. Le Guin`).flatMap((book, at) =>
    at < 20 ? [`${book},1968,Ace`, `${book},,`] : [`${book},1970,Virago`],
  );
}

test("twenty pairs of books are found and merged in 22 acts", async (t) => {
  const { device, window } = await windowOn(t, twenty());
  await window.shows("Possible duplicates");
  assert.equal(total(device), 50);
  const hands = new Hands(window);
  await hands.click(await atTheSide(window, "Possible duplicates"));
  for (let left = 20; left > 0; left--) {
    await ready(window, left);
    await hands.chord(Key.enter);
  }
  await gone(window);
  assert.ok(hands.acts <= 22, `it took ${hands.acts} acts`);
  assert.equal(total(device), 30);
  assert.equal(asked(device, "books", "list", "--where", "year:none").meta.total, 0, "the fuller record has stayed");
  await window.shows("Merged 2 records into");
  await window.focuses("Books");
  await window.close();
});

test("two spellings of one person become one in three acts, also after a restart one step brings both back", async (t) => {
  const { device, window } = await windowOn(t, ["The Dispossessed,Ursula K. Le Guin,1974,", "The Telling,U. K. Le Guin,2000,", "Emma,Jane Austen,1815,"]);
  await window.shows("People who look like one");
  const hands = new Hands(window);
  await hands.click(await atTheSide(window, "People who look like one"));
  await ready(window, 1);
  const full = await window.run(
    "return [...document.querySelectorAll('[data-at^=\"-1 \"]')].findIndex((one) => one.innerText.includes('Ursula')) + 1",
  );
  await hands.chord(String(full));
  await eventually("it is to stay", () =>
    window.run("return document.querySelector('[data-at^=\"-1 \"][aria-pressed=true]').innerText.includes('Ursula')"),
  );
  await hands.chord(Key.enter);
  await gone(window);
  assert.ok(hands.acts <= 3, `it took ${hands.acts} acts`);
  assert.equal(total(device, "authors"), 2);
  const kept = asked(device, "authors", "show", "Ursula K. Le Guin");
  assert.deepEqual(kept.other_names, ["U. K. Le Guin"]);
  assert.equal(kept.books.length, 2);
  await window.close();
  const again = await device.open();
  t.after(() => again.kill());
  await again.find("main [role=grid] [role=row]");
  await again.keys(Key.control, "z");
  await again.shows("It was done before this catalogue was opened.");
  await (await again.find("[role=alertdialog] button.destructive, [role=alertdialog] button.meant")).click();
  await eventually("both are back", () => total(device, "authors") === 3);
  await again.close();
});

test("all that agree become one at once, and one click brings them back; what is not the same is asked about no more", async (t) => {
  const rows = [...twenty(), "Poems,Emily Dickinson,1890,Roberts", "Poems,Emily Dickinson,,Murray"];
  const { device, window } = await windowOn(t, rows);
  await (await atTheSide(window, "Possible duplicates")).click();
  await ready(window, 21);
  await window.keys("n");
  await ready(window, 20);
  await window.keys(Key.control, "z");
  await ready(window, 21);
  await (await window.findText("Merge all as proposed…")).click();
  await window.shows("Publisher: ");
  await (await window.findText("Merge 20 groups")).click();
  await eventually("they are one", () => total(device) === 32);
  await ready(window, 1);
  await window.keys("n");
  await gone(window);
  // A list that is open stays at the side, also when nothing is left in it.
  await window.run(`[...document.querySelectorAll("nav button")].find((one) => one.innerText.startsWith("Books")).click()`);
  await window.hides("Possible duplicates");
  assert.equal(asked(device, "duplicates", "list", "book").groups.length, 0);
  await window.close();
});

test("records that a person has selected are merged in the same view", async (t) => {
  const { device, window } = await windowOn(t, ["Dune,Frank Herbert,1965,Chilton", "The first Dune,Frank Herbert,,", "Emma,Jane Austen,1815,"]);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(" ");
  await window.keys(Key.end);
  await window.keys(" ");
  await window.shows("2 selected");
  await window.keys(Key.control, "m");
  await window.shows("Merge books");
  await eventually("the keys have somewhere to go", () =>
    window.run("return document.activeElement.matches('[role=dialog] [aria-pressed=true]')"),
  );
  await window.keys(Key.enter);
  await gone(window);
  await window.shows("Merged 2 records into “Dune”");
  assert.equal(total(device), 2);
  await (await window.findText("Undo")).click();
  await eventually("both are back", () => total(device) === 3);
  await window.close();
});
