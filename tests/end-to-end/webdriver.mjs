// The real window, driven as a person would: found by what is written on it, worked by clicks and keys.
//
// WebDriver is a handful of JSON calls, so this is all there is of it. tauri-driver stands between us and WebKit's own driver;
// `scripts/test` says where it is (COLOPHON_TAURI_DRIVER).
//
// A WebDriver session is one run of the program. Each test has a folder of its own for the catalogue and everything else that
// the program keeps, so nothing of this machine's user is touched and no test finds what another left.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { closeWindowsOf } from "./closing.mjs";
import { end, eventually, PATIENCE_MS } from "./ending.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** The key that the protocol gives an element under. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** The keys that have no letter. */
export const Key = {
  backspace: "\uE003",
  tab: "\uE004",
  enter: "\uE007",
  shift: "\uE008",
  control: "\uE009",
  alt: "\uE00A",
  escape: "\uE00C",
  end: "\uE010",
  home: "\uE011",
  up: "\uE013",
  down: "\uE015",
  delete: "\uE017",
  f10: "\uE03A",
};

/** A place for one device: its catalogue and all else that the program writes. */
export class Device {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "colophon-e2e-"));
    this.file = join(this.folder, "catalogue.sqlite");
  }

  /** What the program is told, beside what a test adds. */
  environment() {
    return {
      ...process.env,
      HOME: this.folder,
      XDG_DATA_HOME: join(this.folder, "data"),
      XDG_CONFIG_HOME: join(this.folder, "config"),
      XDG_CACHE_HOME: join(this.folder, "cache"),
      COLOPHON_FILE: this.file,
      // The words that the tests look for.
      LANGUAGE: "en",
      LC_ALL: "C.UTF-8",
    };
  }

  /** Starts the program and waits until its page is there. `by` is a command that starts it in another way than as it is. */
  async open(settings = {}, by = []) {
    return Window.open({ ...this.environment(), ...settings }, join(this.folder, "words.log"), by);
  }

  /** Forgets everything. */
  remove() {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** A window that is only just being shown does not hear the word. No end takes as long as this, so nobody asks twice by mistake. */
const CLOSED_AGAIN_AFTER_MS = 5_000;

/** One run of the program. */
export class Window {
  static async open(environment, words, by) {
    const [port, nativePort] = [await freePort(), await freePort()];
    const log = openSync(words, "a");
    if (!process.env.COLOPHON_TAURI_DRIVER) {
      throw new Error("COLOPHON_TAURI_DRIVER names no tauri-driver: run scripts/test, or set it to what `scripts/tool tauri-driver` prints");
    }
    const [start, ...rest] = [...by, process.env.COLOPHON_TAURI_DRIVER, "--port", port, "--native-port", nativePort];
    const driver = spawn(start, rest, {
      env: environment,
      stdio: ["ignore", log, log],
      // A group of its own: what it starts ends with it.
      detached: true,
    });
    driver.on("error", (error) => console.error("tauri-driver did not start:", error.message));
    closeSync(log);
    const window = new Window(`http://127.0.0.1:${port}`, driver);
    try {
      await window.begin();
      return window;
    } catch (error) {
      await window.kill();
      console.error(readFileSync(words, "utf8"));
      throw error;
    }
  }

  constructor(address, driver) {
    this.address = address;
    this.driver = driver;
  }

  async begin() {
    await eventually("tauri-driver answers", () => this.call("GET", "/status"));
    const application = process.env.COLOPHON_DESKTOP ?? join(root, "target/debug/colophon-desktop");
    const { sessionId } = await this.call("POST", "/session", {
      capabilities: { alwaysMatch: { browserName: "wry", "tauri:options": { application } } },
    });
    this.session = `/session/${sessionId}`;
    await eventually("the page is loaded", async () => (await this.run("return document.readyState")) === "complete");
  }

  /** Closes the window as a person does, by its cross, once more when nothing comes of it, and waits until the program has ended. */
  async close() {
    const pids = this.programs();
    const isOver = () => pids.every((pid) => !alive(pid));
    let told = -Infinity;
    await eventually("the program ends", async () => {
      if (!isOver() && Date.now() - told > CLOSED_AGAIN_AFTER_MS) {
        told = Date.now();
        await closeWindowsOf(pids);
      }
      return isOver();
    });
    await this.end();
  }

  /** Tells the program to end, as the system does at the end of a session, and waits until it has. */
  async terminate() {
    const pids = this.programs();
    for (const pid of pids) signal(pid, "SIGTERM");
    await eventually("the program that was told to end has ended", () => pids.every((pid) => !alive(pid)));
    await this.end();
  }

  /** Ends the program without a word, as a power cut does. */
  async kill() {
    for (const pid of this.programs()) signal(pid, "SIGKILL");
    await this.end();
  }

  async end() {
    await end("tauri-driver", this.driver, () => signal(-this.driver.pid, "SIGKILL"));
  }

  /** Runs a function body in the page and gives what it returns. */
  run(script, ...args) {
    return this.call("POST", `${this.session}/execute/sync`, { script, args });
  }

  /** What a script has left as `window.answered`, awaited. */
  async answer(what) {
    await eventually(what, () => this.run("return window.answered !== undefined"));
    return this.run("return window.answered");
  }

  /** What the core answers to a call that the page makes past everything that the window's own code would do: a value, or an error with its code. */
  async ask(command, args = {}) {
    await this.run(
      `window.answered = undefined;
       window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then(
         (value) => (window.answered = { value }),
         (error) => (window.answered = { error: error?.message ?? String(error), code: error?.code ?? null }),
       );`,
      command,
      args,
    );
    return this.answer(`the core answers ${command}`);
  }

  /** The first visible element that this CSS selector finds, awaited. */
  async find(selector) {
    return this.await(`something that is ${selector}`, "css selector", selector);
  }

  /** The first visible element that says this, or whose label says it, awaited. */
  async findText(text) {
    const said = JSON.stringify(text);
    const path = `//*[normalize-space(text())=${said} or @aria-label=${said} or @placeholder=${said}]`;
    return this.await(`something that says ${said}`, "xpath", path);
  }

  /** Clicks on the visible element of this kind (a step of XPath) that says this and nothing else, awaited. */
  async clickOn(kind, text) {
    const said = JSON.stringify(text);
    return (await this.await(`${kind} that says ${said}`, "xpath", `//${kind}[normalize-space()=${said}]`)).click();
  }

  /** The visible box of this label, awaited. */
  async field(label) {
    const said = JSON.stringify(label);
    const labelled = `//*[self::input or self::textarea][@aria-label=${said} or @id=//label[normalize-space()=${said}]/@for]`;
    return this.await(`a field called ${said}`, "xpath", labelled);
  }

  async await(what, using, value) {
    return eventually(what, async () => {
      const found = await this.call("POST", `${this.session}/elements`, { using, value });
      for (const element of found) {
        if (await this.call("GET", `${this.session}/element/${element[ELEMENT]}/displayed`)) {
          return new Element(this, element[ELEMENT]);
        }
      }
      return null;
    });
  }

  /** The name of what has the focus, as it is read out; empty when nothing has it, or something that has no name. */
  focused() {
    return this.run(`
      const one = document.activeElement;
      if (!one || one === document.body || !one.isConnected || !one.checkVisibility()) return "";
      const labelled = document.getElementById(one.getAttribute("aria-labelledby") ?? "");
      const name = one.getAttribute("aria-label") ?? labelled?.innerText ?? one.labels?.[0]?.innerText ?? "";
      return (name || (one.matches("button, a") ? one.innerText : "")).replace(/[*\\s]+$/, "").trim();`);
  }

  /** Waits until what has the focus has this name. */
  async focuses(name) {
    let last = "";
    try {
      await eventually("", async () => (last = await this.focused()) === name);
    } catch {
      throw new Error(`the focus is on “${last}” and never came to “${name}”`);
    }
  }

  /** Waits until everything that follows a key has happened: that nothing did can be said only after a while. */
  async settles() {
    await this.run("delete window.drawn; setTimeout(() => requestAnimationFrame(() => (window.drawn = true)), 500)");
    await eventually("the page has drawn", () => this.run("return window.drawn === true"));
  }

  /** All that is to be read on the page. */
  text() {
    return this.run("return document.body.innerText");
  }

  /** Waits until the page says this. */
  async shows(text) {
    await eventually(`the page says "${text}"`, async () => (await this.text()).includes(text));
  }

  /** Waits until the page says this no more. */
  async hides(text) {
    await eventually(`the page no longer says "${text}"`, async () => !(await this.text()).includes(text));
  }

  /** Types into whatever has the focus. `keys("Ada")`, `keys(Key.control, "n")` for both held together. */
  async keys(...keys) {
    const down = keys.map((value) => ({ type: "keyDown", value }));
    const chord = keys.length > 1;
    const actions = chord
      ? [...down, ...keys.toReversed().map((value) => ({ type: "keyUp", value }))]
      : [...keys[0]].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    await this.call("POST", `${this.session}/actions`, { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Moves the pointer onto something. */
  async point(element) {
    const actions = [{ type: "pointerMove", duration: 0, x: 0, y: 0, origin: { [ELEMENT]: element.id } }];
    await this.call("POST", `${this.session}/actions`, { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  /** Presses a button of the pointer on something: 0 is the first, 2 the one that opens menus. */
  async press(element, button) {
    await this.point(element);
    const actions = [{ type: "pointerDown", button }, { type: "pointerUp", button }];
    await this.call("POST", `${this.session}/actions`, { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  /** A PNG of the page. */
  async picture() {
    return Buffer.from(await this.call("GET", `${this.session}/screenshot`), "base64");
  }

  async call(method, path, body) {
    const response = await fetch(this.address + path, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  }

  /** The processes of the program that this driver has started. */
  programs() {
    return processes().filter((pid) => isProgram(pid) && descends(pid, this.driver.pid));
  }

  /** The program, and every process that it has started. */
  family() {
    const programs = this.programs();
    return processes().filter((pid) => programs.some((program) => descends(pid, program)));
  }
}

/** Something on the page. */
export class Element {
  constructor(window, id) {
    this.window = window;
    this.id = id;
    this.path = `${window.session}/element/${id}`;
  }

  click() {
    return this.window.call("POST", `${this.path}/click`, {});
  }

  /** Types into it, after what is already there. */
  type(text) {
    return this.window.call("POST", `${this.path}/value`, { text });
  }

  text() {
    return this.window.call("GET", `${this.path}/text`);
  }

  value() {
    return this.window.call("GET", `${this.path}/property/value`);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return String(port);
}

function processes() {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

function isProgram(pid) {
  try {
    return readlinkSync(`/proc/${pid}/exe`).includes("colophon-desktop");
  } catch {
    return false;
  }
}

/** Sends a program a signal; one that has ended meanwhile needs none. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function alive(pid) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function descends(pid, ancestor) {
  for (let at = pid; at > 1; ) {
    if (at === ancestor) return true;
    try {
      at = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${at}/status`, "utf8"))[1]);
    } catch {
      return false;
    }
  }
  return false;
}
