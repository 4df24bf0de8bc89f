// Keys act on what has the focus, and the focus is always somewhere that has a name.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A window on three books, each of a publisher of its own. */
async function windowOnThree(t) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  const rows = ["Alpha,Ann Author,Publisher A", "Beta,Ben Author,Publisher B", "Gamma,Gus Author,Publisher C"];
  writeFileSync(file, `title,author,publisher\n${rows.join("\n")}\n`);
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Gamma");
  return { device, window };
}

function books(device) {
  const listed = runToEnd(colophon, ["--json", "books", "list"], { env: device.environment() });
  return JSON.parse(listed.stdout).items.map(({ title, publisher }) => `${title}, ${publisher}`);
}

const ALL = ["Alpha, Publisher A", "Beta, Publisher B", "Gamma, Publisher C"];

test("Del deletes the row that has the focus, and nothing from a button, an empty place or the editor", async (t) => {
  const { device, window } = await windowOnThree(t);
  await (await window.find("[role=row][aria-rowindex='3']")).click();
  await window.field("Publisher");
  for (const there of ["nav button[aria-current]", "footer", "[data-pane=editor] header button:last-of-type", "[data-pane=editor] h2"]) {
    await window.run(`const one = document.querySelector(arguments[0]); one.matches("button") ? one.focus() : document.activeElement.blur()`, there);
    await window.keys(Key.delete);
    await window.settles();
    assert.deepEqual(books(device), ALL, `with the focus on ${there}`);
  }
  // The search has taken the open record out of the list: no row has the focus.
  await (await window.find("input[type=search]")).click();
  await window.keys("Gamma");
  await eventually("the list is narrowed", async () => !(await list(window)).includes("Beta"));
  await window.run("document.querySelector('[role=grid]').focus()");
  await window.keys(Key.delete);
  await window.settles();
  assert.deepEqual(books(device), ALL, "with the open record not in the list");

  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(Key.delete);
  await window.shows("Deleted “Gamma”");
  assert.deepEqual(books(device), ALL.slice(0, 2));
  await window.close();
});

test("Ctrl+Enter goes to the same field of the next record", async (t) => {
  const { device, window } = await windowOnThree(t);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await (await window.field("Publisher")).click();
  for (const [publisher, next] of [["Press One", "Beta"], ["Press Two", "Gamma"]]) {
    await window.keys(Key.control, "a");
    await window.keys(publisher);
    await window.keys(Key.control, Key.enter);
    await eventually(`${next} is open`, async () => (await (await window.field("Title")).value()) === next);
    await window.focuses("Publisher");
  }
  await window.keys(Key.control, "a");
  await window.keys("Press Three" + Key.tab);
  await eventually("all three are kept", () => books(device).join() === "Alpha, Press One,Beta, Press Two,Gamma, Press Three");
  await window.close();
});

test("the focus has a name at the start, after adding, and wherever one goes", async (t) => {
  const { window } = await windowOnThree(t);
  await window.focuses("Books");
  await window.keys(Key.control, "2");
  await window.focuses("Authors");
  await window.keys(Key.down);
  await window.shows("Show in Books");
  await (await window.findText("Show in Books")).click();
  await window.focuses("Books");
  await window.keys(Key.control, "3");
  await window.focuses("Conflicts");
  await window.keys(Key.escape);
  await window.focuses("Books");
  await (await window.find("input[type=search]")).click();
  await window.keys(Key.control, "1");
  await window.focuses("Books");

  await window.keys(Key.control, "n");
  await window.focuses("Title");
  await window.keys("Delta" + Key.tab);
  await window.keys("Ann Author");
  await window.find("[role=listbox] [role=option]");
  await window.keys(Key.enter);
  await window.shows("Added “Delta”");
  await window.settles();
  await window.focuses("Author");
  await (await window.findText("Undo")).click();
  await window.shows("Undone: Added “Delta”");
  await eventually("the list is without the book", async () => !(await list(window)).includes("Delta"));
  await window.settles();
  assert.notEqual(await window.focused(), "");
  await window.close();
});

test("the focus has a name in an empty catalogue, and after its first record", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  await window.focuses("Add a book");
  await window.keys(Key.control, "2");
  await window.keys(Key.control, "n");
  await window.focuses("Name");
  await window.keys("Ann Author" + Key.tab);
  await window.shows("Added “Ann Author”");
  await window.settles();
  assert.notEqual(await window.focused(), "");
  await window.close();
});

/** What is to be read in the list. */
function list(window) {
  return window.run("return document.querySelector('[role=grid]').innerText");
}
