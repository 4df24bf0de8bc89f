// A catalogue file is damaged: the window says so, says what there is, and each way out is one button.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { runToEnd } from "./ending.mjs";
import { Device } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));
const PAGE = 4096;

/** Runs the command line on the device's file. */
function command(device, ...words) {
  const run = runToEnd(colophon, words, { env: device.environment() });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** Fills a page of the file with zeros, as a disk does that has lost it. */
function lose(device, page) {
  const bytes = readFileSync(device.file);
  bytes.fill(0, page * PAGE, (page + 1) * PAGE);
  writeFileSync(device.file, bytes);
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
  await window.shows("58 books");
  await window.shows("The damaged file is kept");
  assert.equal(readdirSync(device.folder).filter((name) => name.includes("-replaced-")).length, 1);
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
  const pages = readFileSync(device.file).length / PAGE;
  for (let page = 1; page < pages; page++) lose(device, page);
  await title.click();
  await window.shows("The catalogue file is damaged");
  await (await window.findText("Go back")).click();
  await window.shows("58 books");
});
