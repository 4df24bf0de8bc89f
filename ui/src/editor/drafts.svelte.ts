import { SvelteMap } from 'svelte/reactivity';

import { core, type AuthorChoice } from '../ipc';
import { m } from '../paraglide/messages';
import { forgetOld, oldDrafts } from './old-drafts';

/**
 * How long after a letter it is written down at the latest, whether or not more letters come: well under the half second
 * that a killed program may cost, so that there is time for the writing itself.
 */
const WRITE_WITHIN_MS = 250;

/** What was typed into a field and is not in the catalogue, with the reason if it was refused. */
export interface Draft {
  text: string;
  reason: string | null;
  /** What the catalogue held when the typing began; absent if that is not known. */
  base?: string;
  /** Who is meant, if the text is the name of somebody who was chosen. */
  author?: AuthorChoice;
}

/**
 * Values that are not saved yet, by field of a record. Nothing that was typed is lost: not by going to another record,
 * not by a value that is refused, not by the end of the program, however it ends. They are stored in the catalogue's
 * file.
 */
class Drafts {
  private readonly kept = new SvelteMap<string, Draft>();
  /** The file of the catalogue that they are written to; null while none is open, or another is being opened. */
  private file: string | null = null;
  /** Slots that have changed since they were last written. */
  private readonly unwritten = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  get(key: string): Draft | undefined {
    return this.kept.get(key);
  }

  set(key: string, draft: Draft): void {
    this.kept.set(key, draft);
    this.writeSoon(key);
  }

  delete(key: string): void {
    if (this.kept.delete(key)) this.writeSoon(key);
  }

  /** All drafts of a record, by field. */
  of(record: string): [field: string, draft: Draft][] {
    const own = [...this.kept].filter(([key]) => key.startsWith(`${record}/`));
    return own.map(([key, draft]) => [key.slice(record.length + 1), draft]);
  }

  /** Forgets all drafts of a record, on the disk too: what was made must not be offered again. */
  forget(record: string): void {
    for (const key of [...this.kept.keys()]) if (key.startsWith(`${record}/`)) this.delete(key);
    void this.write();
  }

  /** Takes up what was typed in the catalogue in this file, which is now open. */
  async enter(file: string): Promise<void> {
    const found = (await core().drafts()).map(({ slot, content }) => [slot, JSON.parse(content ?? 'null')] as const);
    for (const [slot, draft] of [...found, ...oldDrafts(file)]) {
      // What is typed now is newer.
      if (draft !== null && !this.kept.has(slot)) this.kept.set(slot, draft as Draft);
    }
    this.file = file;
    if (this.unwritten.size > 0) void this.write();
  }

  /** Writes everything down before `go` opens another catalogue; if that fails, the open one stays. */
  async change(go: () => Promise<void>): Promise<void> {
    await this.write();
    const { file } = this;
    // What is typed from here on must not get into the other file.
    this.file = null;
    try {
      await go();
    } catch (reason) {
      this.file = file;
      throw reason;
    }
    this.kept.clear();
    this.unwritten.clear();
  }

  /** Writes down immediately what has changed, for somebody who is about to leave. */
  settle(): Promise<void> {
    return this.write();
  }

  /**
   * Takes what was typed into the catalogue, which forgets its draft along with it: after whatever is being written,
   * and before what is typed meanwhile.
   */
  take<T>(act: () => Promise<T>): Promise<T> {
    const taken = this.writing.then(act);
    this.writing = taken.then(
      () => undefined,
      () => undefined,
    );
    return taken;
  }

  private writeSoon(key: string): void {
    this.unwritten.add(key);
    // The next letter does not postpone it: otherwise nothing would be written while somebody types without a pause.
    this.timer ??= setTimeout(() => void this.write(), WRITE_WITHIN_MS);
  }

  /** Writes down what has changed, after whatever is being written. */
  private write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.writeNow());
    return this.writing;
  }

  private async writeNow(): Promise<void> {
    const { file } = this;
    if (file === null || this.unwritten.size === 0) return;
    const slots = new Set(this.unwritten);
    this.unwritten.clear();
    try {
      const tooLong = await core().draftsKeep([...slots].map((slot) => ({ slot, content: this.contentOf(slot) })));
      for (const slot of tooLong) this.tellTooLong(slot);
      forgetOld(file, slots);
    } catch {
      // A full disk, for instance. What was typed is still in the window; the next letter tries again.
      for (const slot of slots) this.unwritten.add(slot);
    }
  }

  /** What was written down earlier stays there; what is typed now is only in the window, and the person is told. */
  private tellTooLong(slot: string): void {
    const draft = this.kept.get(slot);
    if (draft) this.kept.set(slot, { ...draft, reason: m.typed_too_long() });
  }

  private contentOf(slot: string): string | null {
    const draft = this.kept.get(slot);
    return draft ? JSON.stringify(draft) : null;
  }
}

export const drafts = new Drafts();
