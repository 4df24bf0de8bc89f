// The palette in the real window, by keys alone.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

const BOX = "Command, record, list or setting";

/** What is offered, from the top. */
function offered(window) {
  return window.run(`return [...document.querySelectorAll("[role=option] .label")].map((one) => one.innerText);`);
}

async function openPalette(window) {
  await window.keys(Key.control, "k");
  await window.focuses(BOX);
}

test("records, lists, commands and settings are found by a few letters and taken by Enter", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "in.csv");
  writeFileSync(file, "title,author,isbn\nAlphabet,Inger Christensen,9780811214773\nRosshalde,Hermann Hesse,\nIt,Inger Christensen,\n");
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Rosshalde");

  await openPalette(window);
  await window.keys("hesse");
  await eventually("the book and its author are found", async () => {
    const found = await offered(window);
    return found.includes("Rosshalde") && found.includes("Hesse, Hermann");
  });
  await window.keys(Key.enter);
  await window.focuses("Title");
  assert.equal(await (await window.field("Title")).value(), "Rosshalde");

  await openPalette(window);
  await window.keys("no isbn");
  await eventually("the list is found", async () => (await offered(window))[0] === "No ISBN");
  await window.keys(Key.enter);
  await window.hides("Alphabet");
  await window.shows("2 found");

  await openPalette(window);
  assert.deepEqual((await offered(window)).slice(0, 1), ["No ISBN"], "what was taken last comes first");
  await window.keys("dark");
  await window.keys(Key.enter);
  await eventually("the window is dark", () => window.run("return document.documentElement.dataset.theme === 'dark'"));

  await openPalette(window);
  await window.keys("export");
  await window.keys(Key.enter);
  await window.shows("What the list shows · 2 books");
  await window.keys(Key.escape);
  await window.close();
});

test("the menu of a row is opened by the keyboard and by the pointer, and is about that row", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "in.csv");
  writeFileSync(file, "title,author\nAlphabet,Inger Christensen\nRosshalde,Hermann Hesse\n");
  assert.equal(runToEnd(colophon, ["import", file], { env: device.environment() }).status, 0);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Rosshalde");
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await window.keys(Key.shift, Key.f10);
  await window.find("[role=menu]");
  await window.keys(Key.escape);
  await window.focuses("Books");
  await window.press(await window.find("[role=row][aria-rowindex='3']"), 2);
  await (await window.findText("Delete the record")).click();
  await window.hides("Hermann Hesse");
  await window.shows("Alphabet");
  await window.close();
});
