// A person keeps records: by hand, without a network, across a restart, and on the server once there is one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "./ending.mjs";
import { Server } from "./server.mjs";
import { Device, Key } from "./webdriver.mjs";

/** Adds an author the way the window asks for one. */
async function addAuthor(window, name) {
  await window.keys(Key.control, "2");
  await window.keys(Key.control, "n");
  await window.shows("New author");
  await (await window.field("Name")).type(name + Key.tab);
  await window.shows(`Added “${name}”`);
}

/** Adds a book of an author who is there already. */
async function addBook(window, title, author) {
  await window.keys(Key.control, "1");
  await window.keys(Key.control, "n");
  await window.shows("New book");
  await (await window.field("Title")).type(title + Key.tab);
  const by = await window.field("Author");
  await by.type(author);
  await window.find("[role=listbox] [role=option]");
  await by.type(Key.enter);
  await window.shows(`Added “${title}”`);
}

/** Types into the search box of the list that is shown. */
async function search(window, words) {
  await (await window.find("input[type=search], [role=searchbox]")).type(words);
}

test("an author and a book are still there after a restart", async (t) => {
  const device = new Device();
  t.after(() => device.remove());

  const first = await device.open();
  t.after(() => first.kill());
  await first.shows("Your catalogue is empty");
  await addAuthor(first, "Søren Kierkegaard");
  await addBook(first, "Fear and Trembling", "Søren Kierkegaard");
  await first.close();

  const second = await device.open();
  t.after(() => second.kill());
  await second.shows("Fear and Trembling");
  await search(second, "soren");
  await second.shows("Kierkegaard");
  await second.close();
});

test("what was added survives a program that is killed", async (t) => {
  const device = new Device();
  t.after(() => device.remove());

  const first = await device.open();
  t.after(() => first.kill());
  await first.shows("Your catalogue is empty");
  await addAuthor(first, "Ursula K. Le Guin");
  await first.kill();

  const second = await device.open();
  t.after(() => second.kill());
  await second.keys(Key.control, "2");
  await second.shows("Le Guin");
  await second.close();
});

test("edits made without a server are on it, once, after it has started", async (t) => {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());

  const window = await device.open(server.settings());
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  await addAuthor(window, "Karen Blixen");
  await addBook(window, "Out of Africa", "Karen Blixen");

  await server.start();
  await eventually("the book is on the server", () => server.query("SELECT count(*) FROM book WHERE title = 'Out of Africa'") === "1");
  assert.equal(server.query("SELECT count(*) FROM author WHERE name = 'Karen Blixen'"), "1");
  await window.close();
});
