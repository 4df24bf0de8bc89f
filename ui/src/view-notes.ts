/**
 * What the window remembers for a person on this computer: how it looks, and where they left off in each catalogue. The
 * core keeps it in a file and gives it to the page before anything is drawn; the storage of the web view writes when it
 * likes, and forgets what was chosen just before the window was closed.
 */

import { core, type ViewNote } from './ipc';

/** As the core gives it: each note is the text of a JSON value. */
interface Given {
  everywhere?: Record<string, string>;
  catalogues?: { file: string; notes: Record<string, string> }[];
}

const given = (globalThis as { colophonViewState?: Given }).colophonViewState;

function keyOf(name: string, catalogue: string | null): string {
  return JSON.stringify([name, catalogue]);
}

/** Notes by their names, about a catalogue or about none. */
export class ViewNotes {
  private readonly known = new Map<string, string>();
  /** What is not on the disk yet; of each note only what it says now. */
  private readonly unwritten = new Map<string, ViewNote>();
  private writing: Promise<void> = Promise.resolve();

  constructor({ everywhere = {}, catalogues = [] }: Given = {}) {
    const take = (notes: Record<string, string>, catalogue: string | null) => {
      for (const [name, text] of Object.entries(notes)) this.known.set(keyOf(name, catalogue), text);
    };
    take(everywhere, null);
    for (const { file, notes } of catalogues) take(notes, file);
  }

  /** What is remembered; undefined if that is nothing, or cannot be read. Another version may have written it. */
  read(name: string, catalogue: string | null = null): unknown {
    try {
      return JSON.parse(this.known.get(keyOf(name, catalogue)) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Remembers a value from now on. */
  keep(name: string, value: unknown, catalogue: string | null = null): void {
    const key = keyOf(name, catalogue);
    const text = JSON.stringify(value);
    if (this.known.get(key) === text) return;
    this.known.set(key, text);
    this.unwritten.set(key, { catalogue, name, text });
    // What changes while something is being written goes together, once that is done.
    if (this.unwritten.size === 1) this.writing = this.writing.then(() => this.write());
  }

  /** Remembers nothing any more, as long as the window is open. */
  forget(): void {
    this.known.clear();
  }

  /** Resolves when everything is on the disk, as far as it can be written. */
  settle(): Promise<void> {
    return this.writing;
  }

  private async write(): Promise<void> {
    const notes = [...this.unwritten.values()];
    this.unwritten.clear();
    // On a full disk, for instance, the window looks as was chosen as long as it is open.
    await core()
      .viewNotesKeep(notes)
      .catch(() => undefined);
  }
}

export const viewNotes = new ViewNotes(given);
