// Starts a core that is served, on a file of its own, and asks it what a test wants to know.

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { end, PATIENCE_MS, runToEnd } from "../end-to-end/ending.mjs";
import { Device } from "../end-to-end/webdriver.mjs";

const debug = join(dirname(fileURLToPath(import.meta.url)), "../../target/debug");
const program = process.env.COLOPHON_SERVED ?? join(debug, "colophon-served");
const colophon = process.env.COLOPHON ?? join(debug, "colophon");

/** Runs the command on the file of a device, and gives what it prints. */
export function command(device, ...words) {
  const done = runToEnd(colophon, words, { env: device.environment() });
  if (done.status !== 0) throw new Error(`colophon ${words.join(" ")}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** A core that is served, and the folder with all that it keeps. */
export class ServedCore {
  /** The folder of a device, where a test may put a catalogue before the core is started. */
  device = new Device();

  /** Where the core is, and the page if it was given one. */
  address = "";

  /** Starts it; `page` is the folder of the page, `settings` is added to its environment, `by` is a command that starts it. */
  async start({ page, settings, by = [] } = {}) {
    const words = join(this.device.folder, "words.log");
    const log = openSync(words, "a");
    const [start, ...rest] = [...by, program, ...(page ? [page] : [])];
    this.process = spawn(start, rest, {
      env: { ...this.device.environment(), ...settings },
      stdio: ["ignore", "pipe", log],
    });
    closeSync(log);
    try {
      this.address = await firstLine(this.process);
    } catch (error) {
      await this.stop();
      throw new Error(`${error.message} (cargo build --workspace --bins makes it)\n${readFileSync(words, "utf8")}`);
    }
    // Whatever becomes of this process, nothing is left behind.
    this.ending = () => this.process.kill("SIGKILL");
    process.once("exit", this.ending);
    return this;
  }

  /** Calls a command of the window. */
  async invoke(name, args = {}) {
    return ask(`${this.address}invoke/${name}`, args);
  }

  /** Names the file that is chosen in the next dialog. */
  async choose(file) {
    await ask(`${this.address}door/choose`, { file });
  }

  /** Ends it as a lost current does: what is kept is in the file. */
  async stop() {
    if (this.process) await end("colophon-served", this.process, () => this.process.kill("SIGKILL"));
    if (this.ending) process.off("exit", this.ending);
  }

  /** Ends it and forgets everything. */
  async remove() {
    await this.stop();
    this.device.remove();
  }
}

async function ask(address, body) {
  const { answer, told } = await answered(address, body).catch((error) => {
    throw new Error(`colophon-served did not answer ${address.split("/").slice(4).join("/")}: ${error.message}`);
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${told}`);
  return JSON.parse(told);
}

async function answered(address, body) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(address, { method: "POST", body: JSON.stringify(body), signal });
  return { answer, told: await answer.text() };
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("colophon-served does not say where it is")), PATIENCE_MS);
    const ended = (why) => {
      clearTimeout(late);
      reject(new Error(`colophon-served did not start: ${why}`));
    };
    child.once("error", (error) => ended(error.message));
    child.once("exit", (code, signal) => ended(`it ended with ${code ?? signal}`));
    createInterface(child.stdout).once("line", (line) => {
      clearTimeout(late);
      resolve(line);
    });
  });
}
