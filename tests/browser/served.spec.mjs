// What is served: nothing without the address, nothing to another page, and nothing of it in what people get.

import { request } from "node:http";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { PATIENCE_MS } from "../end-to-end/ending.mjs";
import { ServedCore } from "../served/start.mjs";
import { expect, test as base } from "./window.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

const test = base.extend({
  core: async ({}, use) => {
    const core = await new ServedCore().start({ page: folder("../../target/served") });
    await use(core);
    await core.remove();
  },
});

/** The status of the answer to a request, whose every header is chosen here: `fetch` would not let a test say where it comes from. */
function status(address, { method = "POST", headers = {}, path } = {}) {
  const { hostname, port, pathname } = new URL(address);
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const asked = request({ hostname, port, path: path ?? pathname, method, headers, signal }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("error", (error) => reject(new Error(`colophon-served did not answer: ${error.message}`)));
    asked.end();
  });
}

test("who knows the address is answered, on this machine and nowhere else", async ({ core }) => {
  const { hostname, pathname } = new URL(core.address);
  expect(hostname).toBe("127.0.0.1");
  expect(pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
  expect(await core.invoke("status")).toMatchObject({ books: 0, read_only: false, file: core.device.file });
});

test("nothing is answered without the random part of the address, whatever is asked", async ({ core }) => {
  const { origin, pathname } = new URL(core.address);
  const wrong = pathname.replace(/[0-9a-f]/g, (digit) => (digit === "0" ? "1" : "0"));
  for (const beginning of ["/", "//", wrong, pathname.slice(0, -2) + "/", "/../"]) {
    for (const asked of ["", "index.html", "events", "invoke/status", "listen/changed", "door/choose"]) {
      for (const method of ["GET", "POST"]) {
        expect(await status(origin, { method, path: beginning + asked }), `${method} ${beginning}${asked}`).toBe(403);
      }
    }
  }
});

test("a page from elsewhere is not answered, nor one whose own name was made to point here", async ({ core }) => {
  const address = `${core.address}invoke/status`;
  const { host, port } = new URL(address);
  expect(await status(address, { headers: { host } })).toBe(200);
  expect(await status(address, { headers: { host, origin: `http://${host}` } })).toBe(200);
  for (const origin of ["http://example.org", `http://localhost:${port}`, "null", `https://${host}`]) {
    expect(await status(address, { headers: { host, origin } }), origin).toBe(403);
  }
  for (const other of [`example.org:${port}`, `localhost:${port}`, "127.0.0.1"]) {
    expect(await status(address, { headers: { host: other } }), other).toBe(403);
  }
});

test("no file but those of the page is given out", async ({ core }) => {
  const { pathname } = new URL(core.address);
  expect(await status(core.address, { method: "GET" })).toBe(200);
  for (const path of ["../../Cargo.toml", "..%2F..%2FCargo.toml", "/etc/passwd", "./index.html", "assets"]) {
    expect(await status(core.address, { method: "GET", path: pathname + path }), path).toBe(404);
  }
});

test("a command that refuses says why as it does to the window, and an unknown one is refused", async ({ core }) => {
  await expect(core.invoke("book", { id: "00000000-0000-7000-8000-000000000000" })).rejects.toThrow(/^422: .*"not_found"/);
  await expect(core.invoke("no_such_command")).rejects.toThrow(/not found/);
});

test("a person's own catalogue is never opened", async () => {
  const core = new ServedCore();
  await expect(core.start({ settings: { COLOPHON_FILE: "" } })).rejects.toThrow(/never opens your own catalogue/);
  await core.remove();
});

test("the page that people get has no trace of it", () => {
  const traces = (path) => {
    const files = readdirSync(folder(path), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const texts = files.filter((one) => /\.(js|html)$/.test(one.name)).map((one) => readFileSync(`${one.parentPath}/${one.name}`, "utf8"));
    return ["invoke/", "listen/", "The core tells nothing"].filter((trace) => texts.some((text) => text.includes(trace)));
  };
  expect(traces("../../target/served"), "the traces are looked for under their right names").toContain("The core tells nothing");
  expect(traces("../../ui/dist")).toEqual([]);
});
