// The window opens, whatever bytes lie around it: variables of somebody else's, a folder and a file whose names are no text.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { runToEnd } from "./ending.mjs";
import { Device } from "./webdriver.mjs";

/** Starts a command with a variable, in a folder, and on a catalogue of which each has a byte that no text has. */
const WITH_ODD_BYTES = `
  odd=$(printf '\\377')
  mkdir "$HOME/folder$odd" && cd "$HOME/folder$odd" || exit 1
  export SOMEBODY_ELSES="x$odd" PWD="$HOME/folder$odd" COLOPHON_FILE="$HOME/folder$odd/catalogue$odd.sqlite"
  exec "$@"`;

test("the window opens where a variable, the folder and the file are no text", async (t) => {
  const device = new Device();
  // Not by a library that knows names as texts.
  t.after(() => runToEnd("rm", ["-r", device.folder]));
  const window = await device.open({}, ["sh", "-c", WITH_ODD_BYTES, "sh"]);
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  await (await window.findText("Try the sample")).click();
  await window.shows("58 books");
  await window.close();
  const made = readdirSync(Buffer.from(`${device.folder}/`), "buffer").map((name) => name.toString("latin1"));
  assert.ok(made.includes("folder\u00ff"), made.join(", "));
  const folder = Buffer.concat([Buffer.from(`${device.folder}/folder`), Buffer.from([0xff])]);
  const inside = readdirSync(folder, "buffer").map((name) => name.toString("latin1"));
  assert.ok(inside.includes("catalogue\u00ff.sqlite"), inside.join(", "));
});
