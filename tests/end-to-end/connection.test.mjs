// A person connects a catalogue to the team's server, is told what is wrong until it is right, and goes to another catalogue.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { end, eventually, runToEnd } from "./ending.mjs";
import { Server } from "./server.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

/** Every file that a device has written, as text. */
function everythingWritten(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return files.map((one) => readFileSync(join(one.parentPath ?? one.path, one.name), "latin1"));
}

/** Puts a text into a field in place of what is there. */
async function fill(window, label, text) {
  await (await window.field(label)).click();
  await window.keys(Key.control, "a");
  await window.keys(Key.backspace);
  await window.keys(text);
}

/** A real keychain on the bus of the tests, open, with its files in the folder of a device. */
async function keychain(t, device) {
  const daemon = spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--replace", "--components=secrets"], {
    env: device.environment(),
    stdio: ["pipe", "ignore", "ignore"],
  });
  t.after(() => end("gnome-keyring-daemon", daemon, () => daemon.kill()));
  daemon.stdin.end("throwaway");
  const folder = join(device.folder, "data", "keyrings");
  await eventually("the keychain is open", () => existsSync(join(folder, "login.keyring")));
}

test("the connection screen tells what is wrong, then connects without a restart, and the password is in no file", async (t) => {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());
  await server.start();
  await keychain(t, device);
  const { POSTGRES_PORT: port, POSTGRES_PASSWORD: password } = server.settings();

  const window = await device.open();
  t.after(() => window.kill());
  await (await window.findText("Try the sample")).click();
  await window.shows("new books");
  await (await window.findText("Close")).click();
  await window.shows("On this computer only");
  await window.keys(Key.control, ",");
  await window.shows("Connection to a server");

  await fill(window, "Server", "nowhere.invalid");
  await (await window.findText("Try")).click();
  await window.shows("There is no computer called “nowhere.invalid”");
  await fill(window, "Server", "127.0.0.1");
  await fill(window, "Port", "1");
  await (await window.findText("Try")).click();
  await window.shows("nothing is listening on port 1");
  await fill(window, "Port", port);
  await (await window.findText("Try")).click();
  await window.shows("asks for a password, and there is none");
  await fill(window, "Password", "swordfish");
  await (await window.findText("Try")).click();
  await window.shows("does not take this user and password");
  await fill(window, "Password", password);
  await fill(window, "Database", "nothing");
  await (await window.findText("Try")).click();
  await window.shows("no database of this name");
  await fill(window, "Database", "colophon");
  await fill(window, "Catalogue", "Our Books");
  await (await window.findText("Try")).click();
  await window.shows("Must be a name");
  assert.equal(await window.run("return document.activeElement.value"), "Our Books", "the focus is where it is to be mended");
  await fill(window, "Catalogue", "elsewhere");
  await window.hides("Must be a name");
  await (await window.findText("Try")).click();
  await window.shows("no catalogue “elsewhere”");
  await window.shows("Your login may prepare it");
  await fill(window, "Catalogue", "colophon");
  await (await window.findText("Try")).click();
  await window.shows("It works: the catalogue is there");
  await (await window.findText("Use")).click();
  await window.hides("Connection to a server");

  await window.shows("In step");
  await eventually("the books are on the server", () => server.query("SELECT count(*) FROM book") === "58");
  const settings = readFileSync(join(device.folder, "config", "colophon", "settings.toml"), "utf8");
  assert.match(settings, /POSTGRES_SERVER = "127\.0\.0\.1"/);
  for (const text of everythingWritten(device.folder)) assert.ok(!text.includes(password), "the password is in a file");

  // Both checks are a click away.
  await (await window.find("footer button[title='Show how far this catalogue is in step with the server']")).click();
  await (await window.findText("Compare with the server")).click();
  await window.shows("Identical at revision");
  await (await window.findText("Add up all edits")).click();
  await window.shows("0 unaccounted of");
  await window.keys(Key.escape);

  // Another catalogue has nothing to do with the server of this one.
  await (await window.find("nav .catalogue button")).click();
  await (await window.findText("New catalogue…")).click();
  await (await window.field("Name")).type("Maps" + Key.enter);
  await window.shows("Your catalogue is empty");
  await window.shows("On this computer only");
  assert.ok(existsSync(join(device.folder, "data", "colophon", "Maps.sqlite")));
  await (await window.find("nav .catalogue button")).click();
  const first = "[role=menuitemradio]";
  await (await window.find(first)).click();
  await window.shows("58 books");
  await window.close();

  // The next start finds the password where it was put.
  const again = await device.open();
  t.after(() => again.kill());
  await again.shows("In step");
  await again.close();
});

test("what the environment decides is shown and cannot be changed", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open({ POSTGRES_SERVER: "127.0.0.1", POSTGRES_PORT: "1" });
  t.after(() => window.kill());
  await window.shows("Offline");
  await window.keys(Key.control, ",");
  await window.shows("Set by the environment of the program");
  // Who names the server says the rest of it.
  await window.shows("Set where the server is set");
  assert.equal(await window.run("return document.querySelectorAll('.connection input:read-only').length"), 6);
  assert.equal(await (await window.field("Server")).value(), "127.0.0.1");
  await window.close();
});

test("somebody who is let in connects with the line that they were sent, in one paste", async (t) => {
  const device = new Device();
  const server = new Server();
  t.after(() => device.remove());
  t.after(() => server.remove());
  await server.start();
  await keychain(t, device);
  const administrator = { ...device.environment(), ...server.settings(), COLOPHON_FILE: join(device.folder, "none.sqlite") };
  const added = runToEnd(colophon, ["server", "add-user", "ada"], { env: administrator });
  assert.equal(added.status, 0, added.stderr);
  const line = added.stdout.trim();
  assert.match(line, /^postgresql:\/\/ada:[a-z2-9]{24}@127\.0\.0\.1:/);

  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  await window.keys(Key.control, ",");
  await window.shows("Connection to a server");
  // As it was copied out of a letter.
  await (await window.field("Server")).click();
  await window.keys(line);
  await window.keys(Key.control, "a");
  await window.keys(Key.control, "x");
  await window.keys(Key.control, "v");
  const port = String(server.port);
  const all = "return [...document.querySelectorAll('[role=dialog] input')].map((one) => one.value)";
  await eventually("the fields are filled in", async () => (await window.run(all)).includes(port));
  await (await window.findText("Use")).click();
  await window.hides("Connection to a server");
  await window.shows("In step");
  for (const text of everythingWritten(device.folder)) assert.ok(!text.includes(line.split(":")[2].split("@")[0]), "the password is in a file");
});
