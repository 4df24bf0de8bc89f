// A window of the tests: the page in the browser, on a core of its own and a file of its own.

import { chmodSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test as base, expect } from "@playwright/test";
import axe from "axe-core";

import de from "../../ui/messages/de.json" with { type: "json" };
import en from "../../ui/messages/en.json" with { type: "json" };
import { ServedCore } from "../served/start.mjs";

/** Where `scripts/build-ui served` puts the page. */
const page = fileURLToPath(new URL("../../target/served", import.meta.url));

/** The languages of the window: what a browser is set to, and the words. */
export const LANGUAGES = { English: { locale: "en-GB", words: en }, German: { locale: "de-DE", words: de } };

/** What a browser says of an answer in which the core refuses something. */
const REFUSED = /status of 422/;

/** A file that was made for the tests. */
export function file(name) {
  return join(process.env.COLOPHON_BROWSER_FILES, name);
}

export { expect };

/**
 * `open` starts a core on a copy of a catalogue (or on an empty one, or on one that can only be read) and shows its page; when the test
 * ends, so does the core. A page that logs an error or asks for what its content security policy forbids has failed.
 */
export const test = base.extend({
  open: async ({ page: tab }, use) => {
    const cores = [];
    const wrong = [];
    tab.on("pageerror", (error) => wrong.push(error.message));
    tab.on("console", (message) => {
      if (message.type() === "error" && !REFUSED.test(message.text())) wrong.push(message.text());
    });
    // A browser asks every server for its icon.
    await tab.route("**/favicon.ico", (asked) => asked.fulfill({ status: 204 }));
    await use(async (catalogue, { readOnly = false } = {}) => {
      const core = new ServedCore();
      cores.push(core);
      if (catalogue) copyFileSync(file(catalogue), core.device.file);
      await core.start({ page, ...(readOnly ? onlyRead(core.device) : {}) });
      await tab.goto(core.address);
      return core;
    });
    expect(wrong).toEqual([]);
    await tab.close();
    for (const core of cores) {
      if (existsSync(medium(core.device))) chmodSync(medium(core.device), 0o700);
      await core.remove();
    }
  },
});

/** The folder for a catalogue that can only be read. */
const medium = (device) => join(device.folder, "medium");

/** Puts a catalogue where the core may not write it or beside it. Whoever is root obeys only without a power of theirs. */
function onlyRead(device) {
  const file = join(medium(device), "catalogue.sqlite");
  mkdirSync(medium(device));
  copyFileSync(device.file, file);
  chmodSync(file, 0o400);
  chmodSync(medium(device), 0o500);
  const by = process.getuid() === 0 ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] : [];
  return { by, settings: { COLOPHON_FILE: file } };
}

/** What axe objects to in the page as it is, in short; by all of its rules, or by some. The page has no frames. */
export async function objections(tab, rules) {
  if (!(await tab.evaluate("'axe' in window"))) await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate((runOnly) => window.axe.run({ resultTypes: ["violations"], ...runOnly }), rules && { runOnly: rules });
  return violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html).join(" ")}`);
}

/** Waits until the first rows are there. */
export async function rows(tab) {
  await expect(tab.locator("[id=row-0] [role=gridcell]").nth(1)).not.toBeEmpty();
}

/** Opens the first record of the list and waits for its fields. */
export async function openFirst(tab) {
  await rows(tab);
  await tab.locator("[id=row-0] [role=gridcell]").nth(1).click();
  await expect(tab.locator("[data-pane=editor] input").first()).toBeVisible();
}
