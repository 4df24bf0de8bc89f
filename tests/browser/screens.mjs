// The screens of the window, and how a person gets to each.

import { unlinkSync } from "node:fs";

import { expect, file, openFirst, rows } from "./window.mjs";

/**
 * The screens: the catalogue that each needs, and how a person gets there, given the page, the words and the core. What is not told
 * here is worded nowhere: a screen is found by what is written on it.
 */
export const SCREENS = {
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
  "a file that was deleted while it was open": {
    of: "ten.sqlite",
    go: async (tab, words, core) => {
      await rows(tab);
      unlinkSync(core.device.file);
      await expect(tab.getByRole("heading", { name: words.moved_title })).toBeVisible();
    },
  },
  "a catalogue that can only be read": {
    of: "ten.sqlite",
    readOnly: true,
    go: async (tab, words) => {
      await openFirst(tab);
      await expect(tab.getByRole("note").filter({ hasText: words.read_only_text })).toBeVisible();
    },
  },
  "the menu of a row": {
    of: "ten.sqlite",
    go: async (tab) => {
      await openFirst(tab);
      await tab.locator("[id=row-1] [role=gridcell]").nth(1).click({ button: "right" });
      await expect(tab.getByRole("menu")).toBeVisible();
    },
  },
  "the menu of somebody who worked on a book": {
    of: "ten.sqlite",
    go: async (tab) => {
      await openFirst(tab);
      await tab.locator("[data-pane=editor] button.chip[data-field=contributors]").first().click();
      await expect(tab.getByRole("menu")).toBeVisible();
    },
  },
  "how the window looks": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.getByRole("button", { name: words.view, exact: true }).click();
      await expect(tab.getByRole("menu")).toBeVisible();
    },
  },
  "a new catalogue": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await take(tab, words.catalogue_new.replace("…", ""));
      await expect(tab.getByRole("dialog", { name: words.catalogue_new_title })).toBeVisible();
    },
  },
  "a server that does not answer": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+,");
      await tab.getByRole("textbox", { name: words.connection_server, exact: true }).fill("127.0.0.1");
      await tab.getByRole("textbox", { name: words.connection_port, exact: true }).fill("1");
      await tab.getByRole("button", { name: words.connection_try, exact: true }).click();
      await expect(tab.getByRole("dialog").getByRole("status").locator(".wrong")).not.toBeEmpty();
    },
  },
  "the palette": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+k");
      await tab.getByRole("combobox", { name: words.palette_box }).fill("ost");
      await expect(tab.getByRole("listbox", { name: words.palette_found }).getByRole("option").nth(3)).toBeVisible();
    },
  },
  "the palette when nothing is found": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+k");
      await tab.getByRole("combobox", { name: words.palette_box }).fill("qqqq");
      await expect(tab.getByText(words.nothing_matches)).toBeVisible();
    },
  },
  "books side by side": {
    of: "twice.sqlite",
    go: (tab, words) => sideBySide(tab, words.quality_duplicate_any),
  },
  "people side by side": {
    of: "twice.sqlite",
    go: (tab, words) => sideBySide(tab, words.quality_author_duplicate_any),
  },
  "all merges at once": {
    of: "twice.sqlite",
    go: async (tab, words) => {
      await sideBySide(tab, words.quality_duplicate_any);
      await tab.getByRole("button", { name: words.merge_all_proposed }).click();
      await expect(tab.getByRole("region", { name: words.merge_all_proposed }).getByRole("row").nth(1)).toBeVisible();
    },
  },
  "what was merged can be taken back": {
    of: "twice.sqlite",
    go: async (tab, words) => {
      await sideBySide(tab, words.quality_author_duplicate_any);
      await tab.keyboard.press("Enter");
      await expect(tab.getByRole("dialog")).toBeHidden();
      await expect(tab.getByRole("button", { name: words.undo, exact: true })).toBeVisible();
    },
  },
  "an export": {
    of: "many.sqlite",
    go: async (tab, words) => {
      await openFirst(tab);
      await tab.keyboard.press("Control+Shift+E");
      const sheet = tab.getByRole("dialog", { name: words.out_title, exact: true });
      const way = await sheet.locator("option", { hasText: "BibTeX" }).getAttribute("value");
      await sheet.getByRole("combobox", { name: words.out_format, exact: true }).selectOption(way);
      await expect(sheet).toContainText(words.out_loses.split("{")[0].trim());
    },
  },
  "a list to print": {
    of: "ten.sqlite",
    go: (tab, words) => toPrint(tab, words, words.print_shelf),
  },
  "a catalogue by author to print": {
    of: "ten.sqlite",
    go: (tab, words) => toPrint(tab, words, words.print_by_author),
  },
  "the trash": {
    of: "past.sqlite",
    go: async (tab, words) => {
      await goTo(tab, "4", words.trash);
      await tab.locator("main li").nth(1).getByRole("checkbox").check();
    },
  },
  "a question before the trash is emptied": {
    of: "past.sqlite",
    go: async (tab, words) => {
      await goTo(tab, "4", words.trash);
      await tab.getByRole("button", { name: words.trash_empty_act }).click();
      await expect(tab.getByRole("alertdialog")).toBeVisible();
    },
  },
  "an empty trash": {
    of: "ten.sqlite",
    go: async (tab, words) => {
      await rows(tab);
      await tab.keyboard.press("Control+4");
      await expect(tab.getByText(words.trash_empty)).toBeVisible();
    },
  },
  "what can be undone, and what is in the way": {
    of: "past.sqlite",
    go: async (tab, words) => {
      await goTo(tab, "5", words.acts);
      await tab.locator("main li", { hasText: "Emma" }).getByRole("button").last().click();
      await expect(tab.getByRole("alert")).toBeVisible();
    },
  },
  "what everybody did": {
    of: "past.sqlite",
    go: (tab, words) => goTo(tab, "6", words.activity),
  },
  "what people see as one's name": {
    of: "past.sqlite",
    go: async (tab, words) => {
      await goTo(tab, "6", words.activity);
      await tab.getByRole("button", { name: words.my_name }).click();
      await expect(tab.getByRole("dialog", { name: words.my_name })).toBeVisible();
    },
  },
  "the history of a book": {
    of: "past.sqlite",
    go: async (tab, words) => {
      await openFirst(tab);
      await tab.keyboard.press("Control+h");
      await expect(tab.getByRole("dialog", { name: words.record_history }).getByRole("listitem").first()).toBeVisible();
    },
  },
  "a question before what was done before is undone": {
    of: "past.sqlite",
    go: async (tab) => {
      await rows(tab);
      await tab.keyboard.press("Control+z");
      await expect(tab.getByRole("alertdialog")).toBeVisible();
    },
  },
};

/** Takes what is called so in the palette. */
async function take(tab, name) {
  await rows(tab);
  await tab.keyboard.press("Control+k");
  await tab.getByRole("dialog").getByRole("combobox").fill(name);
  await expect(tab.getByRole("option").first()).toContainText(name);
  await tab.keyboard.press("Enter");
}

/** Opens a page about what was done, by its key, and waits until something is in it. */
async function goTo(tab, key, title) {
  await rows(tab);
  await tab.keyboard.press(`Control+${key}`);
  await expect(tab.getByRole("heading", { level: 1, name: title, exact: true })).toBeVisible();
  await expect(tab.locator("main li").first()).toBeVisible();
}

/** Opens the list at the side in which what is there twice is compared. */
async function sideBySide(tab, list) {
  await rows(tab);
  await tab.getByRole("navigation").getByRole("button", { name: list }).click();
  await expect(tab.getByRole("dialog").locator("thead [aria-pressed=true]")).toBeFocused();
}

/** Shows what would be printed. */
async function toPrint(tab, words, layout) {
  await rows(tab);
  await tab.keyboard.press("Control+p");
  const view = tab.getByRole("dialog", { name: words.print_title });
  await view.getByRole("combobox", { name: words.print_layout }).selectOption({ label: layout });
  await expect(view.getByRole("region", { name: layout }).locator("tbody td").nth(4)).toBeVisible();
}
