// Menus that are opened in place: their keys are theirs, and not those of the part of the window that they are in.

import { expect, openFirst, test } from "./window.mjs";

test("Escape closes the menu of somebody who worked on a book, and the book stays open", async ({ page, open }) => {
  await open("ten.sqlite");
  await openFirst(page);
  const chip = page.locator("[data-pane=editor] button.chip[data-field=contributors]").first();
  await chip.press("Enter");
  await expect(page.getByRole("menu")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toBeHidden();
  await expect(chip).toBeFocused();
});

test("Escape closes the menu of a row, and the list has the keys again", async ({ page, open }) => {
  await open("ten.sqlite");
  await openFirst(page);
  const list = page.locator("main [role=grid]");
  await list.press("Shift+F10");
  await expect(page.getByRole("menu")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toBeHidden();
  await expect(list).toBeFocused();
});
