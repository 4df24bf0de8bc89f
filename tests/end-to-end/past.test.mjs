// What was done: a book comes back a day later, an import is undone, and what a colleague did yesterday is seen; each with as few
// clicks and chords as the window promises.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Hands } from "./hands.mjs";
import { Server } from "./server.mjs";
import { Device } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));
const DAY_MICROS = 24 * 60 * 60 * 1_000_000;

/** Runs the command on a device's file. */
function run(device, words, settings = {}) {
  const done = runToEnd(colophon, words, { env: { ...device.environment(), ...settings } });
  assert.equal(done.status, 0, `colophon ${words.join(" ")}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

function titles(device) {
  const listed = JSON.parse(run(device, ["--json", "books", "list"]));
  return listed.items.map((book) => book.title).toSorted();
}

/** Everything that the file's journal tells of was done a day earlier. */
function aDayEarlier(device) {
  execFileSync("sqlite3", [device.file, `UPDATE edit SET at = at - ${DAY_MICROS};`]);
}


test("one of five deleted books is restored a day later by 2 clicks", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const ids = ["One", "Two", "Three", "Four", "Five", "Six"].map((title) => {
    return JSON.parse(run(device, ["--json", "books", "add", "--title", title, "--author", "Karen Blixen"])).id;
  });
  for (const id of ids.slice(0, 5)) run(device, ["books", "delete", id]);
  aDayEarlier(device);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Six");
  const hands = new Hands(window);
  await hands.click(await window.find("nav.sources button[title='Trash']"));
  await window.shows("5 records");
  await hands.click(await window.find("button[aria-label='Restore “Three”']"));
  await window.shows("Restored “Three”");
  assert.equal(hands.acts, 2);
  assert.deepEqual(titles(device), ["Six", "Three"]);
  await window.close();
});

test("an import is undone by 2 clicks, and what was done since stays", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "gift.csv");
  writeFileSync(file, `title,author\n${Array.from({ length: 30 }, (_, at) => `Gift ${at},Giver ${at}`).join("\n")}\n`);
  run(device, ["import", file]);
  run(device, ["books", "add", "--title", "Own", "--author", "Karen Blixen"]);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Own");
  const hands = new Hands(window);
  await hands.click(await window.find("nav.sources button[title='Undo history']"));
  const undo = "button[aria-label='Undo this: Imported 30 books from “gift.csv”?']";
  await hands.click(await window.find(undo));
  await window.shows("Undone: Imported 30 books from “gift.csv”");
  assert.equal(hands.acts, 2);
  assert.deepEqual(titles(device), ["Own"]);
  await window.close();
});

test("what a colleague changed yesterday is seen by 2 clicks, with the name", async (t) => {
  const [device, colleague, server] = [new Device(), new Device(), new Server()];
  t.after(() => device.remove());
  t.after(() => colleague.remove());
  t.after(() => server.remove());
  await server.start();
  const bo = { ...server.settings(), COLOPHON_PERSON: "Bo", COLOPHON_DEVICE: "attic" };
  const window = await device.open(server.settings());
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  const book = JSON.parse(run(colleague, ["--json", "books", "add", "--title", "Emma", "--author", "Jane Austen"], bo));
  run(colleague, ["sync"], bo);
  run(colleague, ["books", "edit", book.id, "--publisher", "Murray"], bo);
  run(colleague, ["sync"], bo);
  await eventually("it has arrived", () =>
    runToEnd(colophon, ["--json", "books", "show", book.id], { env: device.environment() }).stdout.includes("Murray"),
  );
  server.query("UPDATE history SET changed_at = changed_at - interval '1 day'");
  const hands = new Hands(window);
  await hands.click(await window.find("nav.sources button[title='Activity']"));
  await hands.click(await window.findText("Yesterday"));
  await window.shows("Edited “Emma”: Publisher");
  assert.match(await window.text(), /Bo \(attic\)/);
  assert.equal(hands.acts, 2);
  await window.run(`[...document.querySelectorAll("main button")].find((one) => one.innerText.includes("Publisher")).click()`);
  const publisher = await window.field("Publisher");
  await eventually("the book is open", async () => (await publisher.value()) === "Murray");
  await window.close();
});
