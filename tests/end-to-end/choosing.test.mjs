// A file is chosen in the system's own dialog.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { cancelDialog, chooseInDialog } from "./dialog.mjs";
import { eventually, runToEnd } from "./ending.mjs";
import { Device } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A device, and beside its own another catalogue with one author. */
function withAnother(t) {
  const device = new Device();
  t.after(() => device.remove());
  const other = join(device.folder, "East wing.sqlite");
  const env = { ...device.environment(), COLOPHON_FILE: other };
  const done = runToEnd(colophon, ["authors", "add", "--name", "Karen Blixen"], { env });
  assert.equal(done.status, 0, done.stderr);
  return { device, other };
}

async function opened(t, device) {
  const window = await device.open();
  t.after(() => window.kill());
  return window;
}

/** Clicks what opens the dialog. The click itself ends before the dialog does. */
async function open(window, words) {
  await (await window.findText(words)).click();
}

async function openFromMenu(window) {
  await eventually("no menu is open", () => window.run("return document.querySelector('[role=menu]') === null"));
  await (await window.find("nav .catalogue button")).click();
  await open(window, "Open a file…");
}

test("another catalogue is opened from the menu, and who changes their mind stays where they were", async (t) => {
  const { device, other } = withAnother(t);
  const window = await opened(t, device);
  await window.shows("Your catalogue is empty");
  await openFromMenu(window);
  await cancelDialog();
  await window.shows("Your catalogue is empty");
  await openFromMenu(window);
  await chooseInDialog(other);
  await window.find(`nav button[aria-label^="Catalogue “East wing”"]`);
  await window.shows("1 author");
  await window.close();
});

test("a file that is no catalogue is left for another one, and stays as it is", async (t) => {
  const { device, other } = withAnother(t);
  const list = "bread, ink, paper\n".repeat(100);
  writeFileSync(device.file, list);
  const window = await opened(t, device);
  await window.shows("There is no backup.");
  await open(window, "Choose…");
  await chooseInDialog(device.file);
  await window.shows("This file is not a Colophon catalogue");
  await open(window, "Choose…");
  await chooseInDialog(other);
  await window.find(`nav button[aria-label^="Catalogue “East wing”"]`);
  await window.shows("1 author");
  await window.close();
  assert.equal(readFileSync(device.file, "utf8"), list);
});

test("a list is chosen and imported", async (t) => {
  const { device } = withAnother(t);
  const list = join(device.folder, "list.csv");
  writeFileSync(list, "title,author\nThe Dispossessed,Ursula K. Le Guin\n");
  const window = await opened(t, device);
  await window.shows("Your catalogue is empty");
  await open(window, "Import a file");
  await chooseInDialog(list);
  await window.shows("The Dispossessed");
  await window.close();
});
