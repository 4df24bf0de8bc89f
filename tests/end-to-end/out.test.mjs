// What leaves the catalogue, in the real window: an export through the system's own dialog, and pages for print. What a person does besides
// typing is counted.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { cancelDialog, confirmDialog, writeInDialog } from "./dialog.mjs";
import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

const BOOKS = `title,author,shelf_mark,published_year
Alphabet,Inger Christensen,C 3,1981
Butterfly valley,Inger Christensen,A 1,1991
Rosshalde,Hermann Hesse,B 2,1914
It,Inger Christensen,B 1,1969
`;

/** A window on the books. */
async function windowOn(t, rows = BOOKS) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "in.csv");
  writeFileSync(file, rows);
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Butterfly valley");
  return { device, window };
}

/** Chooses the first two rows and the last. */
async function choose(window) {
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  for (const key of [" ", Key.down, " ", Key.end, " "]) await window.keys(key);
  await window.shows("3 selected");
}

/** What the lines of the paper say, cell by cell. */
function paper(window) {
  return window.run(`
    const rows = [...document.querySelectorAll(".paper tbody tr")];
    return rows.map((row) => [...row.children].map((cell) => cell.innerText.trim()));`);
}

async function paperSays(window, wanted) {
  let last;
  try {
    await eventually("", async () => JSON.stringify((last = await paper(window))) === JSON.stringify(wanted));
  } catch {
    assert.deepEqual(last, wanted);
  }
}

test("the selection is exported as BibTeX in three acts", async (t) => {
  const { device, window } = await windowOn(t);
  await choose(window);
  let acts = 0;
  await window.keys(Key.control, Key.shift, "e");
  acts++;
  await window.shows("What is selected · 3 books");
  await window.focuses("As");
  await window.keys("Bib");
  await window.shows("the order of people with different roles");
  await window.keys(Key.enter);
  acts++;
  const target = join(device.folder, "chosen.bib");
  await writeInDialog(target);
  await confirmDialog();
  acts++;
  await window.shows("Exported 3 books");
  assert.ok(acts <= 3, `it took ${acts} acts`);
  const text = readFileSync(target, "utf8");
  for (const title of ["Alphabet", "Butterfly valley", "Rosshalde"]) assert.ok(text.includes(`{${title}}`), text);
  assert.ok(!text.includes("{It}"), text);
  await window.focuses("Books");
  await window.close();
});

test("an export that nobody wants a file for writes none, and none is written over the catalogue", async (t) => {
  const { device, window } = await windowOn(t);
  await window.keys(Key.control, Key.shift, "e");
  await window.shows("Everything · 4 books");
  await window.keys(Key.enter);
  await cancelDialog();
  await window.shows("Everything · 4 books");
  const before = readdirSync(device.folder).sort();
  const refused = await window.ask("export_write", { kind: "book", selected: null, format: "bibtex", forSpreadsheet: false, token: 0 });
  assert.equal(refused.code, "not_found", "no file was chosen, so there is no token");
  assert.deepEqual(readdirSync(device.folder).sort(), before);
  assert.ok(!existsSync(join(device.folder, "Books.json")));
  await window.close();
});

test("a shelf list of the selection is ready to be printed after two acts, and the third is the system's", async (t) => {
  const { window } = await windowOn(t);
  await choose(window);
  let acts = 0;
  await window.keys(Key.control, "p");
  acts++;
  await window.focuses("Print…");
  await paperSays(window, [
    ["A 1", "Inger Christensen", "Butterfly valley", "1991"],
    ["B 2", "Hermann Hesse", "Rosshalde", "1914"],
    ["C 3", "Inger Christensen", "Alphabet", "1981"],
  ]);
  await window.keys(Key.enter);
  acts++;
  await cancelDialog("^Print$");
  assert.ok(acts + 1 <= 3, `it took ${acts} acts and the system's button`);
  await window.close();
});

test("a catalogue by author has each author once, and follows what the list shows", async (t) => {
  const { window } = await windowOn(t);
  await (await window.find("input[type=search]")).type("christensen");
  await window.shows("3 found");
  await window.keys(Key.control, "p");
  await window.focuses("Print…");
  await (await window.find("select[aria-label='List to print']")).type("Cat");
  await paperSays(window, [
    ["Inger Christensen"],
    ["Alphabet", "", "1981", "C 3"],
    ["Butterfly valley", "", "1991", "A 1"],
    ["It", "", "1969", "B 1"],
  ]);
  await window.keys(Key.escape);
  await window.hides("List to print");
  await window.close();
});
