// What is typed is safe within half a second, also while a person goes on typing.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** How long a person types without a pause. */
const TYPING_MS = 6_000;
/** What may be lost of it. */
const LOST_MS = 500;
/** How much of what was typed must have been typed before the last half second, so that the test says something. */
const AT_LEAST = 20;

async function windowOnOneBook(t) {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "one.csv");
  writeFileSync(file, "title,author\nThe Dispossessed,Ursula K. Le Guin\n");
  const done = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("The Dispossessed");
  return { device, window };
}

/** Types steadily, letter by letter, into what has the focus, and kills the program; what was typed half a second before its end. */
async function typeAndKill(window) {
  let typed = "";
  const seen = [];
  const until = Date.now() + TYPING_MS;
  while (Date.now() < until) {
    const letter = String.fromCharCode(97 + (typed.length % 26));
    await window.keys(letter);
    typed += letter;
    seen.push({ typed, at: Date.now() });
  }
  const killed = Date.now();
  await window.kill();
  const safe = seen.findLast(({ at }) => at <= killed - LOST_MS)?.typed ?? "";
  assert.ok(safe.length >= AT_LEAST, `only ${safe.length} letters were typed in time`);
  return safe;
}

test("a field that is typed into without a pause is there after kill -9, but for the last half second", async (t) => {
  const { device, window } = await windowOnOneBook(t);
  await (await window.find("[role=row][aria-rowindex='2']")).click();
  await (await window.field("Notes")).click();
  const safe = await typeAndKill(window);

  const second = await device.open();
  t.after(() => second.kill());
  await second.shows("The Dispossessed");
  await (await second.find("[role=row][aria-rowindex='2']")).click();
  const notes = await second.field("Notes");
  await eventually("the notes show what was typed", async () => (await notes.value()) !== "");
  const kept = await notes.value();
  assert.ok(kept.startsWith(safe), `${kept.length} of at least ${safe.length} letters were kept`);
  await second.close();
});

test("a book that is begun without a pause is offered after kill -9", async (t) => {
  const { device, window } = await windowOnOneBook(t);
  await window.keys(Key.control, "n");
  await (await window.field("Title")).click();
  const safe = await typeAndKill(window);

  const second = await device.open();
  t.after(() => second.kill());
  await second.shows("New book");
  const kept = await (await second.field("Title")).value();
  assert.ok(kept.startsWith(safe), `${kept.length} of at least ${safe.length} letters were kept`);
  await second.close();
});

for (const [how, end] of [
  ["is closed", (window) => window.close()],
  ["is told to end by the system", (window) => window.terminate()],
]) {
  test(`a window that ${how} while somebody types keeps the last letter`, async (t) => {
    const { device, window } = await windowOnOneBook(t);
    await (await window.find("[role=row][aria-rowindex='2']")).click();
    await (await window.field("Notes")).click();
    // The last letters are typed just before the end, within the time in which they are not written down yet.
    await window.keys("typed until the e");
    await window.run("document.execCommand('insertText', false, 'nd')");
    await end(window);
    const second = await device.open();
    t.after(() => second.kill());
    await second.shows("The Dispossessed");
    await (await second.find("[role=row][aria-rowindex='2']")).click();
    const notes = await second.field("Notes");
    await eventually("the notes show what was typed", async () => (await notes.value()) === "typed until the end");
    await second.close();
  });
}
