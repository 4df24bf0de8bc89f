// Two people keep one catalogue: what the other adds comes in by itself, and what both changed is settled in the window.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Server } from "./server.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** A colleague's device: the command on a file of its own. */
class Colleague {
  constructor(server) {
    this.device = new Device();
    this.server = server;
  }

  /** Runs the command and gives what it answers. */
  run(...words) {
    const environment = { ...this.device.environment(), ...this.server.settings() };
    const done = runToEnd(colophon, [...words, "--json"], { env: environment });
    assert.equal(done.status, 0, `colophon ${words.join(" ")}: ${done.stdout}${done.stderr}`);
    return done.stdout.trim() === "" ? null : JSON.parse(done.stdout);
  }
}

/** The first conflict has the focus, without anybody having pressed a key. */
function focused(window) {
  return eventually("a conflict has the focus", () => window.run("return document.activeElement.matches('.list li [data-conflict]')"));
}

test("what a colleague adds appears by itself; what both changed is settled here, and the colleague has it", async (t) => {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());
  await server.start();
  const colleague = new Colleague(server);
  t.after(() => colleague.device.remove());

  const window = await device.open(server.settings());
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  const author = colleague.run("authors", "add", "--name", "Ursula K. Le Guin");
  const book = colleague.run("books", "add", "--title", "The Lathe of Heaven", "--author", author.id);
  colleague.run("sync");
  await window.shows("The Lathe of Heaven");

  await (await window.find("[role=row][aria-rowindex='2']")).click();
  const year = await window.field("Year");
  // The later edit stands: the colleague's, who does not know of this one.
  await year.type("1971" + Key.tab);
  await eventually("the year is on the server", () => server.query("SELECT published_year FROM book") === "1971");
  colleague.run("books", "edit", book.id, "--published-year", "1972");
  colleague.run("sync");

  await window.shows("1 conflict");
  await (await window.find("footer button[title='Show what two people said differently']")).click();
  await window.shows("Year: changed in two places at once.");
  assert.match(await window.text(), /1971/);
  assert.match(await window.text(), /1972/);
  const [kept] = (await window.run("return [...document.querySelectorAll('.value')].map((one) => one.innerText)")).filter(
    (value) => value.includes("1971"),
  );
  assert.match(kept, /Use this/, "the earlier edit does not stand");
  const which = kept === (await window.run("return document.querySelector('.value').innerText")) ? "1" : "2";
  // A click to come here and a key: two acts.
  await focused(window);
  await window.keys(which);
  await window.shows("Settled “The Lathe of Heaven”");
  await window.shows("No open conflicts.");
  await window.keys(Key.control, "z");
  await window.shows("Undone: Settled “The Lathe of Heaven”");
  await window.find(".list li");
  await focused(window);
  await window.keys(which);
  await window.shows("No open conflicts.");
  await window.hides("1 conflict");

  await eventually("the decision is on the server", () => server.query("SELECT published_year FROM book") === "1971");
  colleague.run("sync");
  assert.equal(colleague.run("books", "show", book.id).published_year, 1971);
  assert.equal(colleague.run("conflicts", "list").items.length, 0);
  await window.close();
});

test("what both have added without seeing each other's is made one at once, on both sides", async (t) => {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());
  await server.start();
  const colleague = new Colleague(server);
  t.after(() => colleague.device.remove());
  // The same list, on two computers, of which neither has met the server yet.
  const mine = new Colleague(server);
  t.after(() => mine.device.remove());
  mine.device.file = device.file;
  for (const one of [colleague, mine]) {
    const author = one.run("authors", "add", "--name", "Ursula K. Le Guin");
    for (const title of ["The Lathe of Heaven", "The Dispossessed"]) {
      one.run("books", "add", "--title", title, "--author", author.id);
    }
  }
  colleague.run("sync");

  const window = await device.open(server.settings());
  t.after(() => window.kill());
  await window.shows("3 conflicts");
  await (await window.find("footer button[title='Show what two people said differently']")).click();
  await window.shows("3 records look the same as another one");
  await window.shows("Is it the same person as “Ursula K. Le Guin”?");
  await (await window.findText("Merge all that agree")).click();
  await window.shows("Settled 3 conflicts");
  await window.shows("No open conflicts.");
  await window.shows("2 books · 1 author");
  await eventually("the server has each once", () => server.query("SELECT count(*) FROM book") === "2");
  await eventually("and the author", () => server.query("SELECT count(*) FROM author") === "1");
  colleague.run("sync");
  assert.equal(colleague.run("books", "list").items.length, 2);
  assert.equal(colleague.run("conflicts", "list").items.length, 0);
  await window.close();
});
