// A person chooses what a list shows, and orders it by that: any field that books have, without a word of it in the window's program.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

const BOOKS = `title,author,shelf_mark
Alphabet,Inger Christensen,C 3
Butterfly valley,Inger Christensen,A 1
It,Inger Christensen,B 2
`;

/** What the cells of a column say, from the top. */
function cells(window, column) {
  return window.run(`
    const heads = [...document.querySelectorAll("[role=columnheader]")].map((head) => head.textContent.trim());
    const at = heads.indexOf(${JSON.stringify(column)});
    const rows = [...document.querySelectorAll("[role=grid] [id^=row-]")];
    return at < 0 ? null : rows.map((row) => row.querySelectorAll("[role=gridcell]")[at].textContent.trim());`);
}

async function says(window, column, wanted) {
  let last;
  try {
    await eventually("", async () => {
      last = await cells(window, column);
      return JSON.stringify(last) === JSON.stringify(wanted);
    });
  } catch {
    assert.deepEqual(last, wanted);
  }
}

test("a list shows any field and is ordered by it, also after a restart", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  writeFileSync(file, BOOKS);
  const imported = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(imported.status, 0, imported.stderr);

  const first = await device.open();
  t.after(() => first.kill());
  await first.shows("Butterfly valley");
  assert.equal(await cells(first, "Shelf mark"), null);
  await (await first.find("[aria-label=Columns]")).click();
  await first.clickOn("*[@role='menuitemcheckbox']", "Shelf mark");
  await says(first, "Shelf mark", ["C 3", "A 1", "B 2"]);
  await first.keys(Key.escape);
  await first.clickOn("*[@role='columnheader']//button", "Shelf mark");
  await says(first, "Title", ["Butterfly valley", "It", "Alphabet"]);
  await first.clickOn("*[@role='columnheader']//button", "Shelf mark");
  await says(first, "Title", ["Alphabet", "It", "Butterfly valley"]);
  await first.close();

  const second = await device.open();
  t.after(() => second.kill());
  await second.shows("Butterfly valley");
  await says(second, "Shelf mark", ["C 3", "B 2", "A 1"]);
  await second.close();
});
