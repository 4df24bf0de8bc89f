// A program that never ends must end the test that waits for it, with its name.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";

import { end, runToEnd } from "./ending.mjs";

test("a program that never ends is named, and so is one that is not there", () => {
  assert.throws(() => runToEnd("/bin/sleep", ["1000"], { timeout: 200 }), /waited 0\.2 s in vain until sleep 1000 ended/);
  assert.throws(() => runToEnd("/no/such/program", []), /program cannot be run/);
  assert.equal(runToEnd("/bin/sh", ["-c", "echo said; exit 3"]).status, 3);
});

test("a program that was told to end is waited for", async () => {
  const child = spawn("/bin/sleep", ["1000"]);
  await end("sleep", child, () => child.kill());
  assert.equal(child.signalCode, "SIGTERM");
  await end("sleep", child, () => assert.fail("it has ended"));
});
