// A catalogue file is damaged: the window says so, says what there is, and each way out is one button.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { runToEnd } from "./ending.mjs";
import { Device } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));
const PAGE = 4096;

/** Runs the command line on the device's file, or on another one. */
function command(device, ...words) {
  return commandOn(device, device.file, ...words);
}

function commandOn(device, file, ...words) {
  const run = runToEnd(colophon, words, { env: { ...device.environment(), COLOPHON_FILE: file } });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** Fills a page of the file with zeros, as a disk does that has lost it. */
function lose(device, page) {
  const bytes = readFileSync(device.file);
  bytes.fill(0, page * PAGE, (page + 1) * PAGE);
  writeFileSync(device.file, bytes);
}

/** Fills all pages but the first with zeros. */
function loseAllButTheFirst(file) {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0, PAGE));
}

function replaced(folder) {
  return readdirSync(folder).filter((name) => name.includes("-replaced-"));
}

async function opened(t, device) {
  const window = await device.open();
  t.after(() => window.kill());
  return window;
}

function withSample(t) {
  const device = new Device();
  t.after(() => device.remove());
  command(device, "sample", "add");
  return device;
}

test("a window that is closed leaves a backup, and from a damaged file one button goes back to it", async (t) => {
  const device = withSample(t);
  const first = await opened(t, device);
  await first.shows("58 books");
  await first.close();
  const listed = JSON.parse(command(device, "restore", "--json")).backups;
  assert.deepEqual(listed.map((backup) => backup.books), [58]);

  lose(device, 0);
  const window = await opened(t, device);
  // Without its first page it could be anything.
  await window.shows("Colophon cannot open its catalogue");
  await window.shows("with 58 books and 61 authors");
  await window.shows("This catalogue is on this computer only.");
  await (await window.findText("Go back")).click();
  await window.shows("58 books · 61 authors");
  await window.shows("The old file is kept");
  assert.equal(replaced(device.folder).length, 1);
});

test("what can still be read is saved beside a damaged file of which there is no backup", async (t) => {
  const device = withSample(t);
  lose(device, 0);
  const window = await opened(t, device);
  await window.shows("There is no backup.");
  await (await window.findText("Save")).click();
  await window.shows("58 books and 61 authors are saved in");
  const saved = JSON.parse(readFileSync(join(device.folder, "catalogue-saved.json"), "utf8"));
  assert.equal(saved.books.length, 58);
});

test("a file that turns out to be damaged while it is open is not worked with any more", async (t) => {
  const device = withSample(t);
  command(device, "backup");
  const window = await opened(t, device);
  await window.shows("58 books");
  const title = await window.findText("Frankenstein");
  // What was read already is remembered; the next record is read from the file.
  loseAllButTheFirst(device.file);
  await title.click();
  await window.shows("The catalogue file is damaged");
  await (await window.findText("Go back")).click();
  await window.shows("58 books · 61 authors");
});

test("of several catalogues, the one that turned out to be damaged is gone back to, and no other is touched", async (t) => {
  const device = withSample(t);
  command(device, "backup");
  const east = join(device.folder, "East wing", "east.sqlite");
  mkdirSync(dirname(east));
  commandOn(device, east, "sample", "add");
  commandOn(device, east, "authors", "add", "--name", "Karen Blixen");
  commandOn(device, east, "backup");
  const settings = join(device.folder, "config", "colophon", "settings.toml");
  mkdirSync(dirname(settings), { recursive: true });
  writeFileSync(settings, `[[catalogue]]\nname = "East wing"\nfile = "${east}"\n`);
  const window = await opened(t, device);
  await window.shows("61 authors");
  await (await window.find("nav .catalogue button")).click();
  await (await window.await("the other one", "xpath", "//*[@role='menuitemradio'][.//*[normalize-space()='East wing']]")).click();
  await window.shows("62 authors");
  const title = await window.findText("Frankenstein");
  loseAllButTheFirst(east);
  await title.click();
  await window.shows("The catalogue file is damaged");
  await window.shows("with 58 books and 62 authors");
  await window.shows(east);
  await (await window.findText("Go back")).click();
  // Not what the page about the damage says as well.
  await window.shows("58 books · 62 authors");
  await window.close();
  assert.equal(replaced(dirname(east)).length, 1);
  assert.deepEqual(replaced(device.folder), []);
});

for (const [what, content] of [
  ["is something else", "The shopping list of 26 November: bread, ink, paper.\n".repeat(40)],
  ["has nothing in it", ""],
]) {
  test(`a file that ${what} is not called damaged: another one can be chosen, or an empty one begun in its place`, async (t) => {
    const device = new Device();
    t.after(() => device.remove());
    writeFileSync(device.file, content);
    const window = await opened(t, device);
    await window.shows("Colophon cannot open its catalogue");
    await window.shows("There is no backup.");
    const choose = await window.findText("Choose…");
    assert.equal(await window.call("GET", `${choose.path}/enabled`), true);
    const text = await window.text();
    assert.doesNotMatch(text, /damaged|colophon init/);
    assert.ok(text.includes(device.file), text);
    assert.equal(readFileSync(device.file, "utf8"), content);
    await (await window.findText("Begin")).click();
    await window.shows("The old file is kept");
    await window.close();
    const [kept] = replaced(device.folder);
    assert.equal(readFileSync(join(device.folder, kept), "utf8"), content);
    assert.equal(JSON.parse(command(device, "status", "--json")).books, 0);
  });
}
