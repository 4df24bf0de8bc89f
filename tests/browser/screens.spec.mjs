// Every screen, in both languages, both themes and both sizes: axe objects to nothing on any of them.

import { expect, file, LANGUAGES, objections, openFirst, rows, test } from "./window.mjs";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
];
/** The themes, and the rules that are asked: those of colours are the only ones for which the theme matters. */
const THEMES = [
  ["light", undefined],
  ["dark", ["color-contrast"]],
];

/**
 * The screens: the catalogue that each needs, and how a person gets there, given the page, the words and the core. What is not told
 * here is worded nowhere: a screen is found by what is written on it.
 */
const SCREENS = {
  "an empty catalogue": {
    go: async (tab, words) => expect(tab.getByRole("button", { name: words.try_sample }).first()).toBeVisible(),
  },
  "a short list": { of: "ten.sqlite", go: rows },
  "a long list with a book open": {
    of: "many.sqlite",
    go: async (tab) => {
      await openFirst(tab);
      await tab.keyboard.press("End");
      await expect(tab.locator("[id=row-9999]")).toBeVisible();
    },
  },
  "people, one open": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+2");
      await expect(tab.getByRole("grid", { name: words.authors })).toBeVisible();
      await openFirst(tab);
    },
  },
  "a new book": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+n");
      await tab.getByRole("combobox", { name: words.author }).first().fill("a");
      await expect(tab.getByRole("listbox").first()).toBeVisible();
    },
  },
  "a value that is refused": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await openFirst(tab);
      const year = tab.getByRole("textbox", { name: words.published_year, exact: true });
      await year.fill("soon");
      await year.press("Tab");
      await expect(tab.locator("[aria-invalid=true]")).toBeVisible();
    },
  },
  "a search that finds nothing": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.getByRole("searchbox").fill("foo:bar no:isbn qqqq ");
      await expect(tab.getByText(words.nothing_matches)).toBeVisible();
    },
  },
  "facets and filters": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.getByRole("button", { name: words.facets }).click();
      const facets = tab.getByRole("complementary", { name: words.facets });
      await facets.getByRole("button").nth(1).click();
      await expect(tab.getByRole("list", { name: words.filters })).toBeVisible();
    },
  },
  "values that complete a token": {
    of: "many.sqlite",
    go: async (tab) => {
      await rows(tab);
      await tab.getByRole("searchbox").pressSequentially("publisher:fen");
      await expect(tab.getByRole("listbox")).toBeVisible();
    },
  },
  "a list of what is to be checked": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.getByRole("button", { name: words.quality_isbn_none }).click();
      await expect(tab.getByRole("list", { name: words.filters })).toBeVisible();
    },
  },
  "a selection": {
    of: "many.sqlite",
    go: async (tab) => {
      await openFirst(tab);
      await tab.locator("main [role=grid]").press("Control+a");
      await expect(tab.locator("[id=row-1]")).toHaveAttribute("aria-selected", "true");
    },
  },
  "a question before many are deleted": {
    of: "many.sqlite",
    go: async (tab) => {
      await openFirst(tab);
      await tab.locator("main [role=grid]").press("Control+a");
      await tab.keyboard.press("Delete");
      await expect(tab.getByRole("alertdialog")).toBeVisible();
    },
  },
  "a change of many, seen before it is done": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+e");
      await tab.getByRole("combobox", { name: words.field, exact: true }).selectOption({ label: words.publisher });
      await tab.getByRole("textbox", { name: words.bulk_find }).fill("Fennel");
      await tab.getByRole("textbox", { name: words.bulk_with }).fill("Phenyl");
      await expect(tab.locator("[id=bulk-0] del")).not.toBeEmpty();
    },
  },
  "an import with problems": {
    go: async (tab, words, core) => {
      await core.choose(file("problems.csv"));
      await tab.getByRole("button", { name: words.import_file }).first().click();
      await expect(tab.getByRole("dialog").getByRole("table")).toBeVisible();
    },
  },
  conflicts: {
    of: "conflicts.sqlite",
    go: async (tab) => {
      await rows(tab);
      await tab.keyboard.press("Control+3");
      await expect(tab.locator(".list li").nth(1)).toBeVisible();
    },
  },
  "the connection to a server": {
    of: "ten.sqlite",
    go: async (tab) => {
      await rows(tab);
      await tab.keyboard.press("Control+,");
      await expect(tab.getByRole("dialog").getByRole("textbox").first()).toBeVisible();
    },
  },
  "how the sync stands": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Shift+F5");
      await expect(tab.getByRole("dialog", { name: words.sync_details })).toBeVisible();
    },
  },
  shortcuts: {
    of: "ten.sqlite",
    go: async (tab) => {
      await rows(tab);
      await tab.locator("main [role=grid]").press("F1");
      await expect(tab.getByRole("dialog")).toBeVisible();
    },
  },
  "the columns": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.getByRole("button", { name: words.columns }).click();
      await expect(tab.getByRole("menu")).toBeVisible();
    },
  },
  "the catalogues": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      const [beginning] = words.catalogue_switch.split("{");
      await tab.getByRole("button", { name: beginning.trim() }).click();
      await expect(tab.getByRole("menu")).toBeVisible();
    },
  },
  "a person who has books is deleted": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+2");
      await expect(tab.getByRole("grid", { name: words.authors })).toBeVisible();
      await openFirst(tab);
      await tab.locator("main [role=grid]").press("Delete");
      await expect(tab.getByRole("alertdialog")).toBeVisible();
    },
  },
  "a damaged file": {
    of: "damaged.sqlite",
    go: async (tab) => expect(tab.getByRole("heading", { level: 1 })).toBeVisible(),
  },
};

for (const [language, { locale, words }] of Object.entries(LANGUAGES)) {
  test.describe(language, () => {
    test.use({ locale });
    for (const [screen, { of, go }] of Object.entries(SCREENS)) {
      test(`axe objects to nothing on the screen: ${screen}`, async ({ page, open }) => {
        await page.setViewportSize(SIZES[0]);
        const core = await open(of);
        await expect(page.locator("html")).toHaveAttribute("lang", locale.slice(0, 2));
        await go(page, words, core);
        for (const size of SIZES) {
          await page.setViewportSize(size);
          for (const [colorScheme, rules] of THEMES) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            expect.soft(await objections(page, rules), `${size.width}×${size.height}, ${colorScheme}`).toEqual([]);
          }
        }
      });
    }
  });
}
