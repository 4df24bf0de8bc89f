// An end for every wait for another program: one that never ends would hold up the run for ever, and nobody would know which it was.
//
// The times are generous and say nothing about speed.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";

/** How long anything may take that takes a moment. */
export const PATIENCE_MS = 60_000;

/** How often something that is awaited is looked for. */
const LOOK_AGAIN_MS = 50;

/** Runs a program to its end; what it has said, and how it ended. */
export function runToEnd(program, args, options = {}) {
  const done = spawnSync(program, args, { encoding: "utf8", timeout: PATIENCE_MS, killSignal: "SIGKILL", ...options });
  const name = [basename(program), ...args.slice(0, 4)].join(" ");
  if (done.error?.code === "ETIMEDOUT") throw inVain(`${name} ended`, options.timeout);
  if (done.error) throw new Error(`${name} cannot be run: ${done.error.message}`);
  return done;
}

/** Ends a program that runs beside us, by a signal or in a way of its own, and waits until it has. */
export async function end(name, child, tell) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
  tell();
  try {
    await ended;
  } catch {
    child.kill("SIGKILL");
    throw inVain(`${name} ended`);
  }
}

/** Asks again until the answer is neither empty nor an error. */
export async function eventually(what, ask) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    let problem = "";
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      problem = `: ${error.message}`;
    }
    if (Date.now() > until) throw inVain(what + problem);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function inVain(what, patience = PATIENCE_MS) {
  return new Error(`waited ${patience / 1000} s in vain until ${what}`);
}
