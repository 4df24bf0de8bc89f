// A person keeps several catalogues side by side. Nothing that was typed in one is lost by going to another.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** Makes a catalogue file with one author in it, as the command line does. */
function fileWithAuthor(device, file, name) {
  const environment = { ...device.environment(), COLOPHON_FILE: file };
  const done = runToEnd(colophon, ["authors", "add", "--name", name], { env: environment });
  assert.equal(done.status, 0, done.stderr);
}

async function openMenu(window) {
  // The menu by which somebody went to this catalogue may still be closing.
  await eventually("no menu is open", () => window.run("return document.querySelector('[role=menu]') === null"));
  await (await window.find("nav .catalogue button")).click();
  await window.find("[role=menu]");
}

/** Goes to a catalogue that is on the list. */
async function goTo(window, name) {
  await openMenu(window);
  const item = `//*[@role='menuitemradio'][@aria-checked='false'][.//*[normalize-space()='${name}']]`;
  await (await window.await(`a catalogue ${name}`, "xpath", item)).click();
  await window.find(`nav button[aria-label^="Catalogue “${name}”"]`);
}

async function makeCatalogue(window, name) {
  await openMenu(window);
  await (await window.findText("New catalogue…")).click();
  await (await window.field("Name")).type(name + Key.enter);
  await window.find(`nav button[aria-label^="Catalogue “${name}”"]`);
}

/** Waits until this stands in the box of a label. */
async function holds(window, label, value) {
  await eventually(`${label} holds “${value}”`, async () => (await (await window.field(label)).value()) === value);
}

test("a book that was begun waits in its catalogue, and outlives a program that is killed", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  await makeCatalogue(window, "Maps");
  await window.keys(Key.control, "n");
  await (await window.field("Title")).type("A map of Earthsea" + Key.tab);
  await (await window.field("Author")).type("Ursula");
  await goTo(window, "catalogue");
  await window.hides("New book");
  await window.keys(Key.control, "n");
  // What was begun in the other is no book of this one.
  await holds(window, "Title", "");
  await (await window.field("Title")).type("Begun elsewhere" + Key.tab);
  await goTo(window, "Maps");
  await holds(window, "Title", "A map of Earthsea");
  await holds(window, "Author", "Ursula");
  await goTo(window, "catalogue");
  await holds(window, "Title", "Begun elsewhere");
  // The window writes down what is typed at least every half second.
  await eventually("the drafts are on the disk", () => written(device).includes("Begun elsewhere"));
  await window.kill();

  const again = await device.open();
  t.after(() => again.kill());
  await holds(again, "Title", "Begun elsewhere");
  const author = await again.field("Author");
  await author.type("Ursula K. Le Guin");
  await again.find("[role=listbox] [role=option]");
  await author.type(Key.enter);
  await again.shows("Added “Begun elsewhere”");
  await goTo(again, "Maps");
  await holds(again, "Title", "A map of Earthsea");
  await (await again.findText("Cancel")).click();
  await again.hides("New book");
  await again.keys(Key.control, "n");
  await holds(again, "Title", "");
  await again.close();
});

/** What was begun, when it is in a catalogue file (or in the log beside it). */
function written(device) {
  const done = runToEnd("grep", ["-rlaF", "Begun elsewhere", device.folder, "--include=*.sqlite", "--include=*.sqlite-wal"]);
  return done.stdout.trim() === "" ? "" : "Begun elsewhere";
}

test("the window opens the catalogue that the settings name, as the command line does", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "Named.sqlite");
  fileWithAuthor(device, file, "Karen Blixen");
  const settings = join(device.folder, "config", "colophon");
  mkdirSync(settings, { recursive: true });
  // Not from where the window happens to be started.
  writeFileSync(join(settings, "settings.toml"), 'COLOPHON_FILE = "../../Named.sqlite"\n');
  const window = await device.open({ COLOPHON_FILE: "" });
  t.after(() => window.kill());
  await window.shows("1 author");
  await window.close();
});

test("a file on the list is opened, and taken off it without being touched; one that is not there is told about", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "East wing.sqlite");
  fileWithAuthor(device, file, "Karen Blixen");
  const nothing = join(device.folder, "Nothing.sqlite");
  const settings = join(device.folder, "config", "colophon", "settings.toml");
  mkdirSync(dirname(settings), { recursive: true });
  const listed = [file, nothing].map((one) => `[[catalogue]]\nname = "${basename(one, ".sqlite")}"\nfile = "${one}"\n`);
  writeFileSync(settings, listed.join("\n"));
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");

  await goTo(window, "East wing");
  await window.find(`nav button[aria-label^="Catalogue “East wing”"]`);
  await window.shows("1 author");

  // The one that is shown cannot be taken off; from another, it can.
  await goTo(window, "catalogue");
  await window.shows("Your catalogue is empty");
  await openMenu(window);
  await (await window.findText("Take off the list")).click();
  await (await window.await("its name", "xpath", "//*[@role='menuitem'][.//*[normalize-space()='East wing']]")).click();
  await window.shows(`“East wing” was removed from the list. Its file is still there: ${file}`);
  await openMenu(window);
  assert.doesNotMatch(await window.run("return document.querySelector('[role=menu]').innerText"), /East wing/);
  await window.keys(Key.escape);
  assert.doesNotMatch(readFileSync(settings, "utf8"), /East wing/);
  assert.ok(existsSync(file));

  // What is not there is told about, and what is shown stays.
  await openMenu(window);
  await (await window.await("a catalogue Nothing", "xpath", "//*[@role='menuitemradio'][.//*[normalize-space()='Nothing']]")).click();
  await window.shows("There is no file");
  await window.shows("Your catalogue is empty");
  await window.close();
});
