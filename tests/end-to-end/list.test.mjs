// Somebody else writes into the catalogue while a person reads the list. What comes in above must not move what is being looked at.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Server } from "./server.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A window on so many books of one author, in step with a server that other programs write to. */
async function windowOn(t, books) {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());
  await server.start();
  const file = join(device.folder, "books.csv");
  const rows = Array.from({ length: books }, (_, at) => `${bookNamed(at)},Ursula K. Le Guin`);
  writeFileSync(file, `title,author\n${rows.join("\n")}\n`);
  const imported = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(imported.status, 0, imported.stderr);
  const window = await device.open(server.settings());
  t.after(() => window.kill());
  await eventually("all books are on the server", () => server.query("SELECT count(*) FROM book") === String(books));
  await window.shows("In step");
  return { window, server, list: new List(window) };
}

function bookNamed(at) {
  return `Book ${String(at).padStart(3, "0")}`;
}

/** Another program adds so many books before all others. */
function addFirst(server, count, name) {
  server.query(
    `INSERT INTO book (author_id, title) SELECT author.id, 'Aa ${name} ' || number FROM author, generate_series(1, ${count}) number`,
  );
}

/** Another program adds one book. */
function add(server, title) {
  server.query(`INSERT INTO book (author_id, title) SELECT id, '${title}' FROM author`);
}

/** The list as it is drawn. */
class List {
  constructor(window) {
    this.window = window;
  }

  /** How high a row is, how many find room, and how far the list is scrolled. */
  measure() {
    return this.window.run(`
      const grid = document.querySelector("[role=grid]");
      const [head, row] = ["[role=rowgroup]", "[id^=row-]"].map((part) => grid.querySelector(part).offsetHeight);
      return { row, room: Math.floor((grid.clientHeight - head) / row), scrolled: grid.scrollTop };`);
  }

  /** Where the row with this title is on the screen; null when it is not drawn. */
  position(title) {
    return this.window.run(
      `const row = [...document.querySelectorAll("[role=grid] [id^=row-]")].find((one) =>
        one.children[1].innerText.trim() === arguments[0]);
      return row ? row.getBoundingClientRect().top : null;`,
      title,
    );
  }

  /** Waits until the list counts so many books. */
  async counts(books) {
    await eventually(`the list has ${books} rows`, async () => {
      const count = await this.window.run("return document.querySelector('[role=grid]').getAttribute('aria-rowcount')");
      return count === String(books + 1);
    });
    await this.settled();
  }

  /** Waits for two pictures of the page: what follows a change of the list has happened by then. */
  settled() {
    return eventually("the list is drawn", async () => {
      await this.window.run("delete window.drawn; requestAnimationFrame(() => requestAnimationFrame(() => (window.drawn = true)))");
      return eventually("two pictures are drawn", () => this.window.run("return window.drawn === true"));
    });
  }

  /** The row with this title, awaited. */
  row(title) {
    return this.window.await(`a row of “${title}”`, "xpath", `//*[@role='row'][*[@role='gridcell'][2][normalize-space()='${title}']]`);
  }
}

test("the open row stays where it is seen, at the top, in the middle and at the end, while others add above it", async (t) => {
  const { window, server, list } = await windowOn(t, 120);
  await (await list.row(bookNamed(3))).click();
  let before = await list.position(bookNamed(3));
  addFirst(server, 1, "one");
  await list.counts(121);
  assert.equal(await list.position(bookNamed(3)), before, "with the list at its top");
  addFirst(server, 2, "two");
  await list.counts(123);
  assert.equal(await list.position(bookNamed(3)), before, "and once more");

  await window.keys(Key.end);
  await eventually("the last row is open", async () => (await list.position(bookNamed(119))) !== null);
  await list.settled();
  before = await list.position(bookNamed(119));
  addFirst(server, 3, "three");
  await list.counts(126);
  assert.equal(await list.position(bookNamed(119)), before, "with the list at its end");

  for (let up = 0; up < 40; up++) await window.keys(Key.up);
  await list.settled();
  before = await list.position(bookNamed(79));
  assert.notEqual(before, null);
  server.query(`DELETE FROM book WHERE title IN ('${bookNamed(1)}', '${bookNamed(2)}')`);
  await list.counts(124);
  assert.equal(await list.position(bookNamed(79)), before, "with the list in its middle, when rows above it went");
  await window.close();
});

test("the row under the pointer stays under it, also when no row is open", async (t) => {
  const { window, server, list } = await windowOn(t, 120);
  await window.point(await list.row(bookNamed(5)));
  const before = await list.position(bookNamed(5));
  addFirst(server, 2, "one");
  await list.counts(122);
  assert.equal(await list.position(bookNamed(5)), before);
  // It is this row that stays, not the one that had its number before.
  add(server, `${bookNamed(4)} and a half`);
  await list.counts(123);
  assert.equal(await list.position(bookNamed(5)), before);
  await window.close();
});

test("who looks at the top of the list and points at no row sees what comes there", async (t) => {
  const { window, server, list } = await windowOn(t, 120);
  await list.row(bookNamed(0));
  await window.point(await window.find("footer"));
  const first = await list.position(bookNamed(0));
  addFirst(server, 1, "one");
  await list.counts(121);
  assert.equal(await list.position("Aa one 1"), first);
  assert.equal((await list.measure()).scrolled, 0);
  await window.close();
});

test("the open row stays in a list that only now becomes longer than the window", async (t) => {
  const { window, server, list } = await windowOn(t, 20);
  await (await list.row(bookNamed(3))).click();
  const { room } = await list.measure();
  // All rows are seen: none has to go for the new ones, which are put where they belong.
  addFirst(server, 1, "seen");
  await list.counts(21);
  assert.notEqual(await list.position("Aa seen 1"), null);
  const before = await list.position(bookNamed(3));
  addFirst(server, room - 20, "full");
  await list.counts(room + 1);
  assert.equal(await list.position(bookNamed(3)), before);
  addFirst(server, 1, "over");
  await list.counts(room + 2);
  assert.equal(await list.position(bookNamed(3)), before);
  // Nothing is left behind at the end of the list once a person scrolls on.
  await window.keys(Key.end);
  await window.keys(Key.home);
  await list.settled();
  assert.equal((await list.measure()).scrolled, 0);
  await window.close();
});
