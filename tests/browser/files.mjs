// The catalogues that the tests open, made once by the command: each test gets a copy.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Device } from "../end-to-end/webdriver.mjs";
import { Server } from "../end-to-end/server.mjs";
import { table } from "../served/books.mjs";
import { command } from "../served/start.mjs";

const PAGE_BYTES = 4096;

/** A list of which some rows are taken and others are not. */
const WITH_PROBLEMS = `title,author,isbn,year
The Dispossessed,Ursula K. Le Guin,9780061054884,1974
The Word for World Is Forest,Ursula K. Le Guin,9780000000001,1976
,Nobody,,soon
`;

/** Books and people that are there twice. */
const TWICE = `title,author,isbn,year,publisher,notes
The Dispossessed,Ursula K. Le Guin,9780061054884,1974,Harper & Row,Lent to the school.
The Dispossessed,Ursula K. Le Guin,,1975,Gollancz,Lent to nobody.
The Dispossessed,U. K. Le Guin,,,,
Emma,Jane Austen,,1815,Murray,
Emma,Jane Austen,,1815,Egerton,Lent to nobody.
Persuasion,Jane Austen,,1817,Murray,
Persuasion,Jane Austen,,,,
`;

/** Makes them all; Playwright calls what this gives when the tests are over. */
export default async function makeFiles() {
  const folder = mkdtempSync(join(tmpdir(), "colophon-browser-"));
  process.env.COLOPHON_BROWSER_FILES = folder;
  writeFileSync(join(folder, "problems.csv"), WITH_PROBLEMS);
  for (const [name, count] of [
    ["ten", 10],
    ["many", 10_000],
  ]) {
    imported(join(folder, `${name}.sqlite`), table(count));
  }
  imported(join(folder, "twice.sqlite"), TWICE);
  withPast(join(folder, "past.sqlite"));
  damaged(join(folder, "ten.sqlite"), join(folder, "damaged.sqlite"));
  await withConflicts(join(folder, "conflicts.sqlite"));
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The file of a device, closed, without the device. */
function kept(device, file) {
  copyFileSync(device.file, file);
  device.remove();
}

function imported(file, books) {
  const device = new Device();
  const list = join(device.folder, "list.csv");
  writeFileSync(list, books);
  command(device, "import", list);
  kept(device, file);
}

/** A file in which much was done: an edit that a later one is in the way of, deletions, and an act that was undone. */
function withPast(file) {
  const device = new Device();
  const book = (title) => JSON.parse(command(device, "books", "add", "--title", title, "--author", "Jane Austen", "--json")).id;
  const long = `The unabridged account of ${"everything that was ever shelved and ".repeat(8)}found again`;
  const [emma, sanditon, account] = ["Emma", "Sanditon", long].map(book);
  for (const publisher of ["Murray", "Egerton"]) command(device, "books", "edit", emma, "--publisher", publisher);
  for (const gone of [sanditon, account]) command(device, "books", "delete", gone);
  command(device, "books", "edit", emma, "--published-year", "1816");
  command(device, "undo");
  const list = join(device.folder, "list.csv");
  writeFileSync(list, table(10));
  command(device, "import", list);
  kept(device, file);
}

/** A file of which only the first page can still be read. */
function damaged(of, file) {
  writeFileSync(file, readFileSync(of).fill(0, PAGE_BYTES));
}

/** Two people with the same list, who have also changed one book differently: what is left to settle on one of the two devices. */
async function withConflicts(file) {
  const server = new Server();
  try {
    await server.start();
    const [mine, theirs] = [new Device(), new Device()];
    const [here, there] = [mine, theirs].map((device) => ({
      environment: () => ({ ...device.environment(), ...server.settings() }),
    }));
    const book = JSON.parse(command(here, "books", "add", "--title", "The Lathe of Heaven", "--json")).id;
    command(here, "sync");
    command(there, "init");
    command(there, "sync");
    command(here, "books", "edit", book, "--published-year", "1971", "--notes", "Lent to the school.");
    command(there, "books", "edit", book, "--published-year", "1972", "--notes", "Lent to nobody.");
    for (const one of [here, there]) command(one, "books", "add", "--title", "The Dispossessed", "--isbn", "9780061054884");
    command(there, "sync");
    command(here, "sync");
    const open = JSON.parse(command(here, "conflicts", "list", "--json")).items;
    if (open.length < 2) throw new Error(`there are only ${open.length} conflicts to look at`);
    theirs.remove();
    kept(mine, file);
  } finally {
    await server.remove();
  }
}
