// A person edits: fields are kept as they are left, what is refused stays in sight, and everything can be undone.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A window on a catalogue with one book, which is open in the editor. */
async function windowWithOneBook(t) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "one.csv");
  writeFileSync(file, "title,author,isbn\nThe Dispossessed,Ursula K. Le Guin,9780061054884\n");
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("The Dispossessed");
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.field("Title");
  return { device, window };
}

/** What the command line finds in the catalogue. */
function titles(device) {
  const listed = runToEnd(colophon, ["--json", "books", "list"], { env: device.environment() });
  return JSON.parse(listed.stdout).items.map((book) => book.title);
}

test("a field is kept when it is left, and Ctrl+Z gives back what was there", async (t) => {
  const { device, window } = await windowWithOneBook(t);
  const title = await window.field("Title");
  await title.click();
  await window.keys(Key.control, "a");
  await window.keys("Rocannon's World" + Key.tab);
  await eventually("the list has the new title", async () => (await listed(window)).includes("Rocannon's World"));
  assert.deepEqual(titles(device), ["Rocannon's World"]);

  await window.keys(Key.control, "z");
  await eventually("the list has the old title again", async () => (await listed(window)).includes("The Dispossessed"));
  assert.deepEqual(titles(device), ["The Dispossessed"]);
  await window.close();
});

test("an ISBN that is refused stays in sight with the reason, and nothing of it is kept", async (t) => {
  const { device, window } = await windowWithOneBook(t);
  const isbn = await window.field("ISBN");
  await isbn.click();
  await window.keys(Key.control, "a");
  await window.keys("9780061054885" + Key.tab);
  await window.find("[role=alert]");
  assert.equal(await isbn.value(), "9780061054885");

  const listed = runToEnd(colophon, ["--json", "books", "list"], { env: device.environment() });
  assert.equal(JSON.parse(listed.stdout).items[0].isbn, "9780061054884");
  await window.close();
});

test("a deleted book comes back by Undo", async (t) => {
  const { device, window } = await windowWithOneBook(t);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(Key.delete);
  await window.shows("Deleted “The Dispossessed”");
  assert.deepEqual(titles(device), []);
  await (await window.findText("Undo")).click();
  await eventually("the book is back", () => titles(device).length === 1);
  await eventually("the list shows it", async () => (await listed(window)).includes("The Dispossessed"));
  await window.close();
});

test("the sample is a click away", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  await (await window.findText("Try the sample")).click();
  await window.shows("new books");
  assert.ok(titles(device).length > 10);
  await window.close();
});

test("a file that is no catalogue is told about and left as it is", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const text = "This is a shopping list, and quite a long one, so that nobody takes it for an empty file.\n".repeat(40);
  writeFileSync(device.file, text);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Colophon cannot open its catalogue");
  await window.shows(device.file);
  assert.equal(readFileSync(device.file, "utf8"), text);
  await window.close();
});

test("a folder that is not there is told about, and the window opens once it is", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  device.file = join(device.folder, "later", "catalogue.sqlite");
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Colophon cannot open its catalogue");
  assert.equal(existsSync(dirname(device.file)), false);
  runToEnd("mkdir", [dirname(device.file)]);
  await (await window.findText("Try again")).click();
  await window.shows("Your catalogue is empty");
  await window.close();
});

test("axe has nothing against the list, the editor and the sheet of shortcuts, light and dark", async (t) => {
  const { window } = await windowWithOneBook(t);
  await window.run(readFileSync(new URL("../../ui/node_modules/axe-core/axe.min.js", import.meta.url), "utf8"));
  assert.deepEqual(await violations(window), []);
  await window.run("document.documentElement.dataset.theme = 'dark'");
  assert.deepEqual(await violations(window), []);
  await (await window.find("[role=grid]")).click();
  await window.keys("?");
  await window.find("[role=dialog]");
  // While it fades in, its text has the contrast of half a picture.
  const stands = "return document.getAnimations().every((one) => one.playState !== 'running')";
  await eventually("the sheet stands still", () => window.run(stands));
  assert.deepEqual(await violations(window), []);
  await window.close();
});

/** What is to be read in the list. */
function listed(window) {
  return window.run("return document.querySelector('[role=grid]').innerText");
}

/** What axe finds wrong with the page as it is drawn. */
async function violations(window) {
  await window.run(`
    delete window.found;
    axe.run().then(({ violations }) => {
      window.found = violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html).join(" "));
    });`);
  return eventually("axe is done", () => window.run("return window.found"));
}
