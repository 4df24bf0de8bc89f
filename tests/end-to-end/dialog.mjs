// The system's own dialog in which a person chooses a file: no page, so the driver does not see it. Keys are sent to it as a hand on the
// keyboard would, by xdotool.

import { eventually, runToEnd } from "./ending.mjs";

/** What GTK writes above the dialog in which one file is chosen. */
const OPEN = "^Open File$";
/** What it writes above the one in which a file is named. */
const SAVE = "^Save File$";
/** How long the dialog may take to go after Enter before the file is written once more: letters that come too early are lost. */
const TAKES_MS = 1_000;

/** The windows of the dialog that are to be seen. */
function dialogs(title = `${OPEN}|${SAVE}`) {
  const found = runToEnd("xdotool", ["search", "--onlyvisible", "--name", title]);
  return found.stdout.split("\n").filter((line) => line !== "");
}

function keys(title, ...words) {
  const [dialog] = dialogs(title);
  // It may have gone in between.
  if (dialog) runToEnd("xdotool", ["windowfocus", dialog, ...words]);
}

/** Waits until the dialog has gone, and says whether it has. */
async function hasGone(title) {
  const until = Date.now() + TAKES_MS;
  while (Date.now() < until) {
    if (dialogs(title).length === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Waits for the dialog, writes the path of a file into it, and presses Enter. */
export async function chooseInDialog(file) {
  await eventually("the system's dialog is open", () => dialogs(OPEN).length === 1);
  await eventually("the system's dialog has taken the file", () => {
    keys(OPEN, "key", "ctrl+l", "key", "ctrl+a", "type", "--delay", "10", file);
    keys(OPEN, "key", "Return");
    return hasGone(OPEN);
  });
}

/** Waits for the dialog in which a file is named, and writes a path into it. Its name has the focus. */
export async function writeInDialog(file) {
  await eventually("the system's dialog is open", () => dialogs(SAVE).length === 1);
  keys(SAVE, "key", "ctrl+a", "type", "--delay", "10", file);
}

/** Presses Enter in that dialog; once more, if it is not heard. */
export async function confirmDialog() {
  await eventually("the system's dialog has taken the name", () => {
    keys(SAVE, "key", "Return");
    return hasGone(SAVE);
  });
}

/** Waits for a dialog, and changes one's mind. */
export async function cancelDialog(title = undefined) {
  await eventually("the system's dialog is open", () => dialogs(title).length === 1);
  await eventually("the system's dialog has gone", () => {
    keys(title, "key", "Escape");
    return hasGone(title);
  });
}
