// A window of the tests: the page in the browser, on a core of its own and a file of its own.

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";

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
 * `open` starts a core on a copy of a catalogue (or on an empty one) and shows its page; when the test ends, so does the core. A page
 * that logs an error or asks for what its content security policy forbids has failed.
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
    await use(async (catalogue) => {
      const core = new ServedCore();
      cores.push(core);
      if (catalogue) copyFileSync(file(catalogue), core.device.file);
      await core.start({ page });
      await tab.goto(core.address);
      return core;
    });
    expect(wrong).toEqual([]);
    await tab.close();
    for (const core of cores) await core.remove();
  },
});

/** What axe objects to in the page as it is, in short; by all of its rules, or by some. */
export async function objections(tab, rules) {
  const axe = new AxeBuilder({ page: tab });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
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
