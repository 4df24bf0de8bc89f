// Every screen, in both languages, both themes and both sizes: axe objects to nothing on any of them.

import { SCREENS } from "./screens.mjs";
import { expect, LANGUAGES, objections, test } from "./window.mjs";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
];
/** The themes, and the rules that are asked: those of colours are the only ones for which the theme matters. */
const THEMES = [
  ["light", undefined],
  ["dark", ["color-contrast"]],
];

for (const [language, { locale, words }] of Object.entries(LANGUAGES)) {
  test.describe(language, () => {
    test.use({ locale });
    for (const [screen, { of, go, ...how }] of Object.entries(SCREENS)) {
      test(`axe objects to nothing on the screen: ${screen}`, async ({ page, open }) => {
        await page.setViewportSize(SIZES[0]);
        const core = await open(of, how);
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
