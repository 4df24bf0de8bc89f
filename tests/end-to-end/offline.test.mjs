// The network goes away in the middle of the work, and comes back.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Server } from "./server.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

test("an edit, a new book and a deletion made while the server is away are on it, once each, when it is back", async (t) => {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());
  await server.start();
  const file = join(device.folder, "two.csv");
  writeFileSync(file, "title,author\nThe Lathe of Heaven,Ursula K. Le Guin\nThe Telling,Ursula K. Le Guin\n");
  const imported = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(imported.status, 0, imported.stderr);

  const window = await device.open(server.settings());
  t.after(() => window.kill());
  await eventually("both books are on the server", () => server.query("SELECT count(*) FROM book") === "2");
  await window.shows("In step");
  await server.stop();

  await (await window.find("[role=row][aria-rowindex='2']")).click();
  const year = await window.field("Year");
  await year.type("1971" + Key.tab);
  await (await window.find("[role=row][aria-rowindex='3']")).click();
  await window.keys(Key.delete);
  await window.shows("Deleted “The Telling”");
  await window.keys(Key.control, "n");
  await (await window.field("Title")).type("Always Coming Home" + Key.tab);
  const author = await window.field("Author");
  await author.type("Ursula K. Le Guin");
  await window.find("[role=listbox] [role=option]");
  await author.type(Key.enter);
  await window.shows("Added “Always Coming Home”");
  await window.shows("Offline: 3 changes are safe here");

  await server.start();
  const books = "SELECT string_agg(title || coalesce(' ' || published_year, ''), ', ' ORDER BY title) FROM book";
  await eventually("all three are on the server", () => server.query(books) === "Always Coming Home, The Lathe of Heaven 1971");
  assert.equal(server.query("SELECT count(*) FROM author"), "1");
  await window.shows("In step");
  await window.close();
});
