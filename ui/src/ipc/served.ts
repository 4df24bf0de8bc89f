/**
 * The core over loopback: answers the calls that the window would make of its web view from a core that is served
 * (`tests/served`). Only for tests and for developing the page in a browser; the shipped page has no trace of it.
 */

type Callback = (value: unknown) => void;

interface Message {
  event: string;
  payload: unknown;
}

/** The status under which a command's own error comes. */
const REFUSED = 422;

/** Calls the core at this address, which ends with a slash, in place of the web view's own. Gives what ends that. */
export function connectTo(address: string): () => void {
  const callbacks = new Map<number, Callback>();
  const listeners = new Map<string, Set<number>>();
  let last = 0;

  function tell({ event, payload }: Message): void {
    for (const id of listeners.get(event) ?? []) callbacks.get(id)?.({ event, id, payload });
  }

  const hearing = hear(`${address}events`, tell);
  let over = false;

  async function listen(event: string, handler: number): Promise<number> {
    listeners.set(event, (listeners.get(event) ?? new Set()).add(handler));
    await hearing.begun;
    await ask(`${address}listen/${event}`);
    return handler;
  }

  /** Once all is over, nothing is answered any more, not even with an error. */
  async function ask(where: string, args?: Record<string, unknown>): Promise<unknown> {
    try {
      return await post(where, args);
    } catch (reason) {
      if (over) return new Promise(() => undefined);
      throw reason;
    }
  }

  function unlisten(event: string, handler: number): void {
    listeners.get(event)?.delete(handler);
    callbacks.delete(handler);
  }

  async function invoke(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    if (command === 'plugin:event|listen') return listen(String(args.event), Number(args.handler));
    if (command === 'plugin:event|unlisten') return null;
    return ask(`${address}invoke/${command}`, args);
  }

  function transformCallback(callback: Callback): number {
    callbacks.set(++last, callback);
    return last;
  }

  const unregisterCallback = (id: number): boolean => callbacks.delete(id);
  Object.assign(globalThis, {
    __TAURI_INTERNALS__: { invoke, transformCallback, unregisterCallback },
    __TAURI_EVENT_PLUGIN_INTERNALS__: { unregisterListener: unlisten },
  });
  return () => {
    over = true;
    hearing.end();
  };
}

/** What a request is answered with; as in the web view, an error of a command is thrown as it is. */
async function post(address: string, body: unknown = {}): Promise<unknown> {
  const answer = await fetch(address, { method: 'POST', body: JSON.stringify(body) });
  if (answer.ok) return answer.json();
  if (answer.status !== REFUSED) throw new Error(`${answer.status}: ${await answer.text()}`);
  const refused: unknown = await answer.json();
  // The web view does so, too.
  throw refused;
}

/** Hears what the core tells, from when `begun` is fulfilled. (A stream that is read here, because jsdom has no EventSource.) */
function hear(address: string, tell: (message: Message) => void): { begun: Promise<void>; end: () => void } {
  let over = false;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const opened = fetch(address).then((answer) => {
    reader = answer.body?.getReader();
    if (!answer.ok || !reader) throw new Error(`The core tells nothing: ${answer.status}`);
    return reader;
  });
  void opened.then(follow).catch((reason: unknown) => {
    // eslint-disable-next-line no-console -- whoever develops the page looks there, and it is not in what is shipped
    if (!over) console.error('The core is gone; start it again and reload.', reason);
  });

  async function follow(from: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await from.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        if (message.startsWith('data: ')) tell(JSON.parse(message.slice('data: '.length)) as Message);
      }
    }
  }

  function end(): void {
    over = true;
    void reader?.cancel().catch(() => undefined);
  }
  return { begun: opened.then(() => undefined), end };
}
