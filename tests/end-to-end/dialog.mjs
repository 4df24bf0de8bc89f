// The system's own dialog in which a person chooses a file: no page, so the driver does not see it. Keys are sent to it as a hand on the
// keyboard would, by xdotool.

import { eventually, runToEnd } from "./ending.mjs";

/** What GTK writes above the dialog in which one file is chosen. */
const TITLE = "^Open File$";
/** How long the dialog may take to go after Enter before the file is written once more: letters that come too early are lost. */
const TAKES_MS = 1_000;

/** The windows of the dialog that are to be seen. */
function dialogs() {
  const found = runToEnd("xdotool", ["search", "--onlyvisible", "--name", TITLE]);
  return found.stdout.split("\n").filter((line) => line !== "");
}

function keys(...words) {
  const [dialog] = dialogs();
  // It may have gone in between.
  if (dialog) runToEnd("xdotool", ["windowfocus", dialog, ...words]);
}

/** Waits until the dialog has gone, and says whether it has. */
async function hasGone() {
  const until = Date.now() + TAKES_MS;
  while (Date.now() < until) {
    if (dialogs().length === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Waits for the dialog, writes the path of a file into it, and presses Enter. */
export async function chooseInDialog(file) {
  await eventually("the system's dialog is open", () => dialogs().length === 1);
  await eventually("the system's dialog has taken the file", () => {
    keys("key", "ctrl+l", "key", "ctrl+a", "type", "--delay", "10", file);
    keys("key", "Return");
    return hasGone();
  });
}

/** Waits for the dialog, and changes one's mind. */
export async function cancelDialog() {
  await eventually("the system's dialog is open", () => dialogs().length === 1);
  await eventually("the system's dialog has gone", () => {
    keys("key", "Escape");
    return hasGone();
  });
}
