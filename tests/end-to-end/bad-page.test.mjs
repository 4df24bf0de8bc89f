// A page that somebody has taken over asks for what is not its own, in the real window: each test plays it by running a script there.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createWebServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { Device } from "./webdriver.mjs";

/** A window with an empty catalogue. */
async function opened(t, settings = {}) {
  const device = new Device();
  t.after(() => device.remove());
  const window = await device.open(settings);
  t.after(() => window.kill());
  await window.shows("Your catalogue is empty");
  return { device, window };
}

/** Something that listens and counts what comes. */
async function listening(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

/** What a page may say of a server, with nothing set. */
const NO_TEXTS = { server: "", port: "", database: "", schema: "", user: "", protection: "", certificates: "", sign_in: "" };

test("a page gone bad opens no file that nobody has chosen", async (t) => {
  const { device, window } = await opened(t);
  const list = join(device.folder, "list.csv");
  writeFileSync(list, "title,author\nSolaris,Stanisław Lem\n");
  for (const named of [list, 0, 1, 2, "0", null]) {
    const answer = await window.ask("import_file", { path: list, file: list, token: named });
    assert.ok(answer.error, `a list was imported by ${named}: ${JSON.stringify(answer)}`);
  }
  assert.ok(!existsSync(join(device.folder, "list.csv.rejected.csv")));

  const other = join(device.folder, "other.sqlite");
  writeFileSync(other, "");
  for (const named of [other, 1, 2, 3, "1", null]) {
    const answer = await window.ask("catalogue_open", { file: other, path: other, token: named });
    assert.ok(answer.error, `a catalogue was opened by ${named}`);
    assert.doesNotMatch(answer.error, /is empty|no Colophon/i, "what is in the file is told");
  }
  const certificates = { ...NO_TEXTS, server: "127.0.0.1", port: "1", certificates: "/etc/hostname" };
  for (const command of ["connection_try", "connection_use"]) {
    const answer = await window.ask(command, { texts: certificates, password: "" });
    assert.match(answer.error ?? JSON.stringify(answer), /chosen/, `${command} reads certificates from a file that nobody chose`);
  }
  assert.equal((await window.ask("status")).value.books, 0);
  await window.close();
});

test("a page gone bad goes nowhere, opens no window and keeps no file", async (t) => {
  const { device, window } = await opened(t);
  const asked = [];
  const web = createWebServer((request, response) => {
    asked.push(request.url);
    response.end("<title>elsewhere</title>");
  });
  const elsewhere = `http://127.0.0.1:${await listening(t, web)}`;
  const home = await window.run("return location.href");
  await window.run("window.marked = true");
  const ways = [
    "location.href = `${to}/href?the-catalogue`",
    "location.replace(`${to}/replace`)",
    "window.open(`${to}/open`)",
    "window.open(`${to}/top`, '_top')",
    "const a = document.createElement('a'); a.href = `${to}/blank`; a.target = '_blank'; document.body.append(a); a.click()",
    "const a = document.createElement('a'); a.href = `${to}/download`; a.download = 'kept.html'; document.body.append(a); a.click()",
    "const a = document.createElement('a'); a.href = 'data:text/plain,kept'; a.download = 'kept.txt'; document.body.append(a); a.click()",
    "const a = document.createElement('a'); a.href = URL.createObjectURL(new Blob(['kept'])); a.download = 'blob.txt'; document.body.append(a); a.click()",
    "const f = document.createElement('form'); f.action = `${to}/form`; document.body.append(f); f.submit()",
    "const i = document.createElement('iframe'); i.src = `${to}/frame`; document.body.append(i)",
    "const i = new Image(); i.src = `${to}/image`; fetch(`${to}/fetch`).catch(() => 0); navigator.sendBeacon(`${to}/beacon`, 'x')",
    "const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = `0;url=${to}/refresh`; document.head.append(m)",
    "location.href = 'file:///etc/passwd'",
    "location.href = 'data:text/html,<h1>elsewhere</h1>'",
    "location.href = 'about:blank'",
  ];
  for (const way of ways) {
    await window.run(`const to = arguments[0]; ${way}`, elsewhere);
    await window.settles();
    assert.equal(await window.run("return location.href"), home, way);
    assert.equal(await window.run("return window.marked"), true, `another page was loaded: ${way}`);
    assert.deepEqual(asked, [], way);
  }
  const kept = readdirSync(device.folder, { recursive: true }).filter((name) => /(kept|blob)(\.|$)/.test(name));
  assert.deepEqual(kept, [], "a file was written");
  await window.close();
});

/** A server that asks everybody for their password in the clear; resolves to what it was told. */
async function thief(t) {
  const told = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      told.push(data.toString("latin1"));
      const wantsEncryption = data.length === 8 && data.readInt32BE(4) === 80877103;
      if (wantsEncryption) socket.write("N");
      else if (data[0] === 0) socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      else socket.end();
    });
  });
  return { port: String(await listening(t, server)), told };
}

const SECRET = "hush-2f8c61d0";

for (const [layer, settings] of [
  ["without a server", { POSTGRES_PASSWORD: SECRET }],
  ["with a server of its own", { POSTGRES_PASSWORD: SECRET, POSTGRES_SERVER: "127.0.0.1", POSTGRES_SSLMODE: "disable" }],
]) {
  test(`a server that the page names never gets the password of an environment ${layer}`, async (t) => {
    const { port, told } = await thief(t);
    const { device, window } = await opened(t, settings);
    const texts = { ...NO_TEXTS, server: "127.0.0.1", port, protection: "disable", sign_in: "scram-sha-256,md5,password" };
    await window.ask("connection_try", { texts, password: "" });
    await window.ask("connection_use", { texts, password: "" });
    await window.ask("sync_now");
    await window.settles();
    assert.ok(!told.join().includes(SECRET), "the password was given away");
    await window.close();

    // Nor does the next start mix what the page has left in the settings with the password.
    const again = await device.open(settings);
    t.after(() => again.kill());
    await again.shows("Your catalogue is empty");
    await again.ask("sync_now");
    await again.settles();
    assert.ok(!told.join().includes(SECRET), "the password was given away after a start");
    await again.close();
  });
}

test("no process of the web view has the password in its environment, and the core has it all the same", async (t) => {
  const { port, told } = await thief(t);
  const settings = { POSTGRES_SERVER: "127.0.0.1", POSTGRES_PORT: port, POSTGRES_SSLMODE: "disable", POSTGRES_REQUIRE_AUTH: "password" };
  const { window } = await opened(t, { ...settings, POSTGRES_PASSWORD: SECRET, PGPASSWORD: SECRET });
  const family = window.family();
  assert.ok(family.length >= 3, `the program and its web view are ${family.length} processes`);
  for (const pid of family) {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    assert.ok(environment.includes("POSTGRES_SERVER"), `what ${pid} was told is not read`);
    assert.ok(!environment.includes(SECRET), `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} has the password`);
  }
  await window.ask("connection_try", { texts: NO_TEXTS, password: "" });
  assert.ok(told.join().includes(SECRET), "the server that the environment names does not get its password");
  await window.close();
});

test("a page gone bad changes nothing that all objects have", async (t) => {
  const { window } = await opened(t);
  await window.run("try { Object.prototype.polluted = true } catch {}; try { Object.prototype.toString = () => 'x' } catch {}");
  assert.equal(await window.run("return ({}).polluted ?? null"), null);
  assert.equal(await window.run("return ({}).toString()"), "[object Object]");
  await window.close();
});

test("what was not given to the page by name is refused", async (t) => {
  const { window } = await opened(t);
  const others = ["plugin:dialog|open", "plugin:event|emit", "plugin:window|close", "plugin:webview|create_webview_window", "plugin:log|log"];
  for (const command of [...others, "read_file"]) {
    const { error } = await window.ask(command, { event: "changed", label: "other", options: {} });
    assert.match(error, /not allowed|not found/, command);
  }
  await window.close();
});

test("a command that panics is answered, and the window goes on", async (t) => {
  const { window } = await opened(t, { COLOPHON_PANIC_IN: "author_suggest" });
  const { code, error } = await window.ask("author_suggest", { typedInto: "box", text: "Lem" });
  assert.equal(code, "internal");
  assert.match(error, /fault of Colophon/);
  assert.equal((await window.ask("status")).value.books, 0);
  await window.close();
});
