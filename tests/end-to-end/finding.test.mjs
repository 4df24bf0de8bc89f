// A person finds a class of records: typed as tokens, completed, picked from the facets, opened from what is to be checked.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

const BOOKS = `title,author,isbn,publisher,year,language
Mort,Terry Pratchett,,Gollancz,1987,eng
Sourcery,Terry Pratchett,,Corgi,1988,eng
Small Gods,Terry Pratchett,9780552138901,Gollancz,1992,eng
Good Omens,Neil Gaiman,,Gollancz,1990,eng
Die Verwandlung,Franz Kafka,,Kurt Wolff,1915,deu
`;

async function windowOn(t, settings = {}) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  writeFileSync(file, BOOKS);
  const imported = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(imported.status, 0, imported.stderr);
  const window = await device.open(settings);
  t.after(() => window.kill());
  await window.shows("Small Gods");
  return window;
}

/** Waits until the list shows exactly these titles. */
async function lists(window, wanted) {
  let last;
  try {
    await eventually("", async () => {
      last = await window.run(`
        const rows = [...document.querySelectorAll("[role=grid] [id^=row-]")];
        // The first cell chooses the row.
        return rows.map((row) => row.querySelectorAll("[role=gridcell]")[1].textContent.trim());`);
      return JSON.stringify(last) === JSON.stringify(wanted);
    });
  } catch {
    assert.deepEqual(last, wanted);
  }
}

function chips(window) {
  return window.run(`return [...document.querySelectorAll(".filters bdi")].map((chip) => chip.textContent);`);
}

async function has(window, wanted) {
  await eventually(`the chips are ${wanted.join(", ")}`, async () => (await chips(window)).join("|") === wanted.join("|"));
}

/** The visible button that says this, with or without a count behind. */
async function press(window, word, key) {
  await eventually(`“${word}” can be pressed`, () =>
    window.run(
      `const word = arguments[0];
      const says = (one) => [one.title, one.textContent.trim(), one.querySelector(".label")?.textContent.trim()].includes(word);
      const found = [...document.querySelectorAll("button")].find(says);
      document.querySelector("[data-meant]")?.removeAttribute("data-meant");
      found?.setAttribute("data-meant", "");
      return found !== undefined;`,
      word,
    ),
  );
  if (key === undefined) return (await window.find("[data-meant]")).click();
  return window.run(
    `document.querySelector("[data-meant]").dispatchEvent(new MouseEvent("click", { bubbles: true, ctrlKey: true }));`,
  );
}

test("all Pratchetts without ISBN are one act away", async (t) => {
  const window = await windowOn(t);
  let acts = 0;
  await window.keys(Key.control, "f");
  acts++;
  await window.focuses("Search books");
  await window.keys("author:pratchett no:isbn");
  await lists(window, ["Mort", "Sourcery"]);
  assert.equal(acts, 1);
  // With Enter they become chips, and the list has the keyboard.
  await window.keys(Key.enter);
  await has(window, ["Author contains “pratchett”", "No ISBN"]);
  await window.focuses("Books");
  await lists(window, ["Mort", "Sourcery"]);
  await (await window.find(".filters li:last-child button")).click();
  await lists(window, ["Mort", "Small Gods", "Sourcery"]);
  await window.focuses("Search books");
  // In the empty box, the last chip goes by a key.
  await window.keys(Key.backspace);
  await lists(window, ["Good Omens", "Mort", "Small Gods", "Sourcery", "Die Verwandlung"]);
  await window.close();
});

test("a token is completed by the keyboard, and what is none is searched as words and said", async (t) => {
  const window = await windowOn(t);
  await window.keys(Key.control, "f");
  await window.keys("publisher:");
  await window.shows("Kurt Wolff");
  await window.keys("go");
  await window.hides("Suggestions Kurt Wolff");
  await window.find("[role=option]");
  await window.keys(Key.down);
  await window.keys(Key.enter);
  await has(window, ["Publisher: Gollancz"]);
  await lists(window, ["Good Omens", "Mort", "Small Gods"]);
  await window.keys("year:>1989 ");
  await has(window, ["Publisher: Gollancz", "Year: from 1990"]);
  await lists(window, ["Good Omens", "Small Gods"]);
  await window.keys("gods spine:red ");
  await window.shows("“spine:red” is searched as words");
  await window.close();
});

test("facets narrow the list by clicks, and lists of what is to be checked are a click away", async (t) => {
  const window = await windowOn(t);
  await press(window, "Narrow down");
  await window.shows("English");
  await press(window, "Gollancz");
  await lists(window, ["Good Omens", "Mort", "Small Gods"]);
  await press(window, "1980–1989");
  await lists(window, ["Mort"]);
  await press(window, "1980–1989");
  await lists(window, ["Good Omens", "Mort", "Small Gods"]);
  await press(window, "Gollancz");
  await press(window, "English", Key.control);
  await lists(window, ["Die Verwandlung"]);
  await has(window, ["Language: not English"]);
  await press(window, "No ISBN");
  await lists(window, ["Good Omens", "Mort", "Sourcery", "Die Verwandlung"]);
  await has(window, ["No ISBN"]);
  await press(window, "Books");
  await has(window, []);
  await window.close();
});
