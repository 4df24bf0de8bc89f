// Closes a window as its cross does. A WebDriver session that is ended kills the program, and a display in memory has no window manager that
// could be asked, so the word is sent to the window itself. The X11 protocol is a handful of small requests, and this is all there is of it.

import { once } from "node:events";
import { connect } from "node:net";

import { PATIENCE_MS } from "./ending.mjs";

/** Numbers of the protocol. */
const Request = { queryTree: 15, internAtom: 16, getProperty: 20, sendEvent: 25 };
const CLIENT_MESSAGE = 33;

/** Tells the windows of these processes to close. */
export async function closeWindowsOf(pids, display = process.env.DISPLAY) {
  const server = await Display.open(display);
  try {
    const protocols = await server.atom("WM_PROTOCOLS");
    const close = await server.atom("WM_DELETE_WINDOW");
    const owner = await server.atom("_NET_WM_PID");
    let told = 0;
    for (const window of await server.childrenOf(server.root)) {
      const [pid] = await server.property(window, owner);
      const known = await server.property(window, protocols);
      if (!pids.includes(pid) || !known.includes(close)) continue;
      server.tell(window, protocols, close);
      told++;
    }
    if (told === 0) throw new Error(`no window of ${pids.join(", ")} is on ${display}`);
    // An answer to anything says that what was sent before has arrived.
    await server.atom("WM_PROTOCOLS");
  } finally {
    server.socket.destroy();
  }
}

class Display {
  static async open(display) {
    const number = /:(\d+)/.exec(display ?? "")?.[1];
    if (number === undefined) throw new Error("DISPLAY names no display: run it by scripts/with-display");
    const server = new Display(connect(`/tmp/.X11-unix/X${number}`));
    await once(server.socket, "connect", { signal: AbortSignal.timeout(PATIENCE_MS) });
    server.socket.on("data", (data) => (server.came = Buffer.concat([server.came, data])));
    // Least significant byte first, version 11.0, and nobody in particular.
    server.socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const head = await server.take(8);
    if (head[0] !== 1) throw new Error(`the display ${display} lets nobody in`);
    const setup = await server.take(head.readUInt16LE(6) * 4);
    // The screens come after the vendor's name and the formats of pictures; a screen begins with its root.
    const vendor = setup.readUInt16LE(16);
    server.root = setup.readUInt32LE(32 + vendor + ((4 - (vendor % 4)) % 4) + setup[21] * 8);
    return server;
  }

  constructor(socket) {
    this.socket = socket;
    this.came = Buffer.alloc(0);
  }

  async take(bytes) {
    while (this.came.length < bytes) await once(this.socket, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
    const taken = this.came.subarray(0, bytes);
    this.came = this.came.subarray(bytes);
    return taken;
  }

  send(code, detail, body) {
    const head = Buffer.from([code, detail, 0, 0]);
    head.writeUInt16LE(1 + body.length / 4, 2);
    this.socket.write(Buffer.concat([head, body]));
  }

  /** A request that has an answer, and the answer. Nobody asked for events, so there is nothing else to come. */
  async ask(code, detail, body) {
    this.send(code, detail, body);
    const head = await this.take(32);
    if (head[0] !== 1) throw new Error(`the display refuses request ${code}`);
    return Buffer.concat([head, await this.take(head.readUInt32LE(4) * 4)]);
  }

  async atom(name) {
    const body = Buffer.alloc(4 + Math.ceil(name.length / 4) * 4);
    body.writeUInt16LE(name.length, 0);
    body.write(name, 4, "latin1");
    return (await this.ask(Request.internAtom, 0, body)).readUInt32LE(8);
  }

  async childrenOf(window) {
    const answer = await this.ask(Request.queryTree, 0, numbers(window));
    return listed(answer, answer.readUInt16LE(16));
  }

  /** The numbers that a property of a window holds; none when it has no such property. */
  async property(window, name) {
    const answer = await this.ask(Request.getProperty, 0, numbers(window, name, 0, 0, 32));
    return answer[1] === 32 ? listed(answer, answer.readUInt32LE(16)) : [];
  }

  tell(window, protocol, word) {
    const event = numbers(0, window, protocol, word, 0, 0, 0, 0);
    event[0] = CLIENT_MESSAGE;
    event[1] = 32;
    this.send(Request.sendEvent, 0, Buffer.concat([numbers(window, 0), event]));
  }
}

function numbers(...values) {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => buffer.writeUInt32LE(value, at * 4));
  return buffer;
}

function listed(answer, count) {
  return Array.from({ length: count }, (_, at) => answer.readUInt32LE(32 + at * 4));
}
