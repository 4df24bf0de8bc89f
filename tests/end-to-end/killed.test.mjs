// kill -9 at random, among many edits: what was acknowledged is there, and of what was being typed at most the last half second is lost.
//
// COLOPHON_KILLED_EDITS=1000 does it with a thousand edits of each kind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, runToEnd } from "./ending.mjs";
import { Device, signal } from "./webdriver.mjs";

const colophon = process.env.COLOPHON ?? fileURLToPath(new URL("../../target/debug/colophon", import.meta.url));

const EDITS = Number(process.env.COLOPHON_KILLED_EDITS ?? 30);
/** How much of what is typed may be lost, beside what the machine takes for one write just then. */
const LOST_MS = 500;
/** How long a window lives at most, from the first letter on. Most of a short life is the start. */
const LIVES_MS = EDITS > 100 ? 15_000 : 5_000;
/** How long a command may run before it is killed, at most; about half have ended by themselves by then. */
const COMMAND_MS = 40;

function run(device, ...args) {
  const done = runToEnd(colophon, [...args, "--json"], { env: device.environment() });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

/** A device with one book, and its id. */
function deviceWithABook(t) {
  const device = new Device();
  t.after(() => device.remove());
  run(device, "init");
  run(device, "books", "add", "--title", "Solaris", "--author", "Stanisław Lem");
  const { id } = run(device, "books", "list").items[0];
  return { device, publisher: () => /"publisher":\s*"([^"]*)"/.exec(JSON.stringify(run(device, "books", "show", id)))?.[1] ?? "", id };
}

/** Typing that comes to the field as a key's does; a driver's keys take so long that a thousand edits would take the day. */
const TYPE = "document.execCommand('insertText', false, arguments[0])";
const ENTER = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))";

/** Whether nothing that was typed into the field still waits to be kept. */
const IS_KEPT = "return !document.querySelector('[data-field=publisher]').hasAttribute('data-unkept')";

/** Whether the field asks which of two values is meant. */
const IS_ASKED = "return document.querySelector('[id$=-clash]') !== null";

/** The number of an edit in what a field holds; the first has none before it. */
const numberIn = (text) => Number(/^edit (\d+)/.exec(text)?.[1] ?? 0);

/** Types edits one after another, until the window is killed. `life` hears of each letter and of each edit that the window has kept. */
async function edit(window, life, from) {
  const field = await window.field("Publisher");
  for (let number = from; ; number++) {
    await field.click();
    await window.run("document.activeElement.select()");
    let text = "";
    for (const letter of `edit ${number} `) {
      await window.run(TYPE, letter);
      text += letter;
      life.typed.push({ text, at: Date.now() });
    }
    life.begun = number;
    const entered = Date.now();
    await window.run(ENTER);
    await eventually("it is kept", async () => life.killedAt || (await window.run(IS_KEPT)));
    if (life.killedAt) return;
    life.kept = number;
    life.slowest = Math.max(life.slowest, Date.now() - entered);
  }
}

/** What the core answers to a call of the page's that it does not refuse. */
async function asked(window, command, args) {
  const { value, error } = await window.ask(command, args);
  assert.equal(error, undefined, `${command}: ${error}`);
  return value;
}

test("what is taken into the catalogue is not offered once more, in whichever moment the window is killed", async (t) => {
  const { device, id } = deviceWithABook(t);
  const window = await device.open();
  t.after(() => window.kill());
  await window.shows("Solaris");
  const nobody = { kind: "nobody" };
  const author = (await asked(window, "author_create", { name: "Bill Johnston" })).id;
  const taking = [
    [["new-author/name"], "author_create", { name: "Joanna Kilmartin" }],
    [["new-book/begun-title", "new-book/title", "new-book/begun-author"], "book_create", { book: { title: "Eden", author: nobody } }],
    [[`${id}/publisher`], "book_set", { id, field: "publisher", text: "edit 1 " }],
    [[`${author}/notes`], "author_set", { id: author, field: "notes", text: "a translator" }],
    [[`${id}/author`], "book_set_author", { id, author: { kind: "existing", id: author } }],
    [[`${id}/contributors`], "contribution_add", { book: id, author: { kind: "existing", id: author }, role: "translator" }],
    [[`${id}/tags`], "belonging_add", { kind: "book", id, list: "tags", text: "science fiction" }],
  ];
  const other = { slot: `${id}/subtitle`, content: '{"text":"A novel","reason":null,"base":""}' };
  for (const [slots, command, args] of taking) {
    const content = '{"text":"typed","reason":null,"base":""}';
    await asked(window, "drafts_keep", { drafts: [other, ...slots.map((slot) => ({ slot, content }))] });
    await asked(window, command, args);
    // The answer is all that the window does: what it would do after it, it may not come to.
    assert.deepEqual(await asked(window, "drafts"), [other], `after ${command}`);
  }
});

test(`a window that is killed among ${EDITS} edits has all that it had kept, and what was typed half a second before`, async (t) => {
  const { device, publisher } = deviceWithABook(t);
  let [lives, lostMost, last] = [0, 0, { typed: [], kept: 0, begun: 0 }];
  while (last.begun < EDITS) {
    const window = await device.open();
    t.after(() => window.kill());
    await window.shows("Solaris");
    await (await window.find("[role=row][aria-rowindex='2']")).click();
    const field = await window.field("Publisher");
    if (last.killedAt) {
      assert.ok(!(await window.run(IS_ASKED)), "what was kept is told as changed by somebody else");
      const stored = numberIn(publisher());
      assert.ok(stored >= last.kept, `edit ${last.kept} was kept, and ${stored} is there`);
      const there = await field.value();
      const at = last.typed.findLastIndex(({ text }) => text.trim() === there.trim());
      const safe = last.typed.findLastIndex((typed) => typed.at <= last.killedAt - LOST_MS - last.slowest);
      assert.ok(at >= safe, `“${there}” is there, and “${last.typed[safe]?.text}” was typed half a second before the end`);
      const lost = last.typed[at + 1];
      lostMost = Math.max(lostMost, lost ? last.killedAt - lost.at : 0);
    }
    const life = { typed: [{ text: await field.value(), at: 0 }], kept: numberIn(publisher()), begun: last.begun, slowest: 0 };
    const pids = window.programs();
    const killed = new Promise((resolve) => {
      setTimeout(() => {
        for (const pid of pids) signal(pid, "SIGKILL");
        life.killedAt = Date.now();
        resolve(window.kill());
      }, 200 + Math.random() * LIVES_MS);
    });
    await edit(window, life, last.begun + 1).catch((error) => {
      if (!life.killedAt) throw error;
    });
    await killed;
    lives++;
    last = life;
  }
  t.diagnostic(`${last.begun} edits, ${lives} times killed; what was lost was typed in the last ${lostMost} ms`);
});

test(`commands that are killed among ${EDITS} edits have done all or nothing, and what they said they did`, async (t) => {
  const { device, publisher, id } = deviceWithABook(t);
  let [done, killed] = [0, 0];
  for (let number = 1; number <= EDITS; number++) {
    const command = spawn(colophon, ["books", "edit", id, "--publisher", `edit ${number}`], { env: device.environment(), stdio: "ignore" });
    const ended = once(command, "exit");
    if (number % 2 === 0) setTimeout(() => command.kill("SIGKILL"), Math.random() * COMMAND_MS);
    const [code, signal] = await ended;
    const before = done;
    if (code === 0) done = number;
    else assert.equal(signal, "SIGKILL", `edit ${number} ended with ${code}`);
    if (signal === null) continue;
    killed++;
    const stored = numberIn(publisher());
    assert.ok(stored === before || stored === number, `edit ${before} was done, ${number} was killed, and ${stored} is there`);
    done = stored;
  }
  assert.equal(numberIn(publisher()), done);
  t.diagnostic(`${EDITS} edits, ${killed} of them killed`);
});
