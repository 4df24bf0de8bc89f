// The ground under an open window: its file is renamed, replaced or deleted, or can only be read.

import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

function run(device, ...args) {
  const done = runToEnd(colophon, args, { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

/** Makes a catalogue with one book. */
function make(device, file, title) {
  mkdirSync(dirname(file), { recursive: true });
  run(device, "init", "--file", file);
  run(device, "books", "add", "--title", title, "--author", "Stanisław Lem", "--file", file);
}

function titles(device, file) {
  return JSON.parse(run(device, "books", "list", "--json", "--file", file)).items.map((book) => book.title);
}

/** A catalogue with one book, open, and something typed into it that is not kept. */
async function openWithSomethingTyped(t) {
  const device = new Device();
  t.after(() => device.remove());
  make(device, device.file, "Solaris");
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Solaris");
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await (await window.field("Publisher")).type("Typed and not kept");
  return { device, window };
}

/** Clicks a button of the page that tells of it, and goes on. */
async function goOn(window, words) {
  await (await window.findText(words)).click();
  await window.hides("is not where it was");
  await window.shows("Solaris");
}

test("a file that is moved under the open window is told, and the window goes on with it where it is", async (t) => {
  const { device, window } = await openWithSomethingTyped(t);
  const moved = join(device.folder, "moved.sqlite");
  renameSync(device.file, moved);
  await window.shows("The catalogue file is not where it was");
  await window.shows(moved);
  assert.ok(!existsSync(device.file), "something was made in its place");
  await goOn(window, "Continue with the one that was open");
  await window.shows("moved");
  assert.equal(await (await window.field("Publisher")).value(), "Typed and not kept");
  await (await window.field("Publisher")).type(Key.enter);
  await window.close();
  const book = JSON.parse(run(device, "books", "list", "--json", "--file", moved)).items[0];
  assert.equal(book.publisher ?? JSON.parse(run(device, "books", "show", book.id, "--json", "--file", moved)).publisher, "Typed and not kept");
});

test("a file that is replaced under the open window is left alone until a person says which to go on with", async (t) => {
  const { device, window } = await openWithSomethingTyped(t);
  const other = join(device.folder, "other.sqlite");
  make(device, other, "Solaris, restored");
  await window.settles();
  const before = readFileSync(other);
  renameSync(other, device.file);
  await window.shows("was replaced by another file");
  await window.settles();
  assert.ok(readFileSync(device.file).equals(before), "it was written to");
  await goOn(window, "Continue with what is there now");
  await window.shows("Solaris, restored");
  await window.close();
  assert.deepEqual(titles(device, device.file), ["Solaris, restored"]);
});

test("a file that is deleted under the open window is told, and taken up again when a copy is put back", async (t) => {
  const { device, window } = await openWithSomethingTyped(t);
  const copy = join(device.folder, "copy.sqlite");
  await eventually("everything is in the one file", () => readSize(device.file + "-wal") === 0);
  copyFileSync(device.file, copy);
  unlinkSync(device.file);
  await window.shows("was deleted while it was open");
  assert.equal(await window.run("return document.querySelectorAll('main button').length"), 0, "there is nothing to go on with");
  await window.settles();
  assert.ok(!existsSync(device.file), "an empty catalogue was made in its place");
  copyFileSync(copy, device.file);
  await goOn(window, "Continue with what is there now");
  assert.deepEqual(titles(device, device.file), ["Solaris"]);
  await window.close();
});

test("a catalogue that can only be read opens, says so and offers no edit", async (t) => {
  const device = new Device();
  const folder = join(device.folder, "medium");
  t.after(() => {
    chmodSync(folder, 0o700);
    device.remove();
  });
  const file = join(folder, "catalogue.sqlite");
  make(device, file, "Solaris");
  const before = readFileSync(file);
  chmodSync(file, 0o400);
  chmodSync(folder, 0o500);
  // Whoever is root obeys the rights of files without this power only.
  const by = process.getuid() === 0 ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] : [];
  const window = await device.open({ COLOPHON_FILE: file }, by);
  t.after(() => window.kill());
  await window.shows("This catalogue can only be read");
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  assert.equal(await (await window.field("Title")).value(), "Solaris");
  const open = await window.run(`
    const fields = [...document.querySelectorAll("[data-pane=editor] input, [data-pane=editor] textarea")];
    const words = [...document.querySelectorAll("button")].map((one) => one.getAttribute("aria-label") ?? one.innerText.trim());
    return { editable: fields.filter((one) => !one.readOnly).length, fields: fields.length, words };`);
  assert.ok(open.fields > 5, "the editor has its fields");
  assert.equal(open.editable, 0, "a field can be written");
  for (const word of ["New book", "Delete", "Import a file"]) assert.ok(!open.words.includes(word), `“${word}” is offered`);
  for (const key of ["n", "z", "o"]) {
    await window.keys(Key.control, key);
    await window.shows("can only be read here; nothing was changed");
  }
  await (await window.find("input[type=search]")).type("lem");
  await window.shows("Solaris");
  await window.close();
  assert.ok(readFileSync(file).equals(before), "the file was written");
});

function readSize(file) {
  return existsSync(file) ? readFileSync(file).length : 0;
}
