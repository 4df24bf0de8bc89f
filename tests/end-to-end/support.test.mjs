// A person reads a report for whoever helps them, and takes it along. Nothing of theirs is in it.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, Key } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

test("the report for support is read, copied and pasted", async (t) => {
  const device = new Device();
  t.after(() => device.remove());
  const file = join(device.folder, "books.csv");
  writeFileSync(file, "title,author\nMy secret diary,Ottilie Geheim\n");
  const imported = runToEnd(colophon, ["import", file], { env: device.environment() });
  assert.equal(imported.status, 0, imported.stderr);

  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("My secret diary");
  await window.keys(Key.control, "k");
  await window.keys("report for support");
  await window.shows("Report for support…");
  await window.keys(Key.enter);
  const report = () => window.run(`return document.querySelector("[role=dialog] textarea")?.value ?? "";`);
  await eventually("the report is shown", async () => (await report()).includes("books: 1\n"));
  const told = await report();
  assert.match(told, /processor: \w+/);
  for (const secret of ["diary", "Geheim", device.folder]) assert.ok(!told.includes(secret), `${secret} in ${told}`);

  await (await window.find("[role=dialog] .meant")).click();
  await window.shows("The report is on the clipboard.");
  await window.keys(Key.control, "f");
  await window.keys(Key.control, "v");
  const pasted = () => window.run(`return document.querySelector("input[type=search], [role=searchbox]").value;`);
  await eventually("it can be pasted", async () => (await pasted()).includes("processor:"));
  await window.close();
});
