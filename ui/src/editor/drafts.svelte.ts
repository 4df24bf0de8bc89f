import { SvelteMap } from 'svelte/reactivity';

import type { AuthorChoice } from '../ipc';

/** Where values that were typed and could not be kept yet survive the end of the program. */
const KEY = 'colophon.drafts';
/** How long after the last key they are written down. */
const WRITE_AFTER_MS = 500;

/** What was typed into a field and is not in the catalogue, with the reason when it was refused. */
export interface Draft {
  text: string;
  reason: string | null;
  /** What the catalogue held when the typing began; absent when that is not known. */
  base?: string;
  /** Who is meant, where the text is the name of somebody who was chosen. */
  author?: AuthorChoice;
}

/** How drafts of records that are not made yet begin; they belong to the catalogue in which they were begun. */
const BEGUN = 'new-';

function keyOf(file: string): string {
  return `${KEY} ${file}`;
}

function read(key = KEY): [string, Draft][] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '[]') as [string, Draft][];
  } catch {
    return [];
  }
}

/** Values that are not kept yet, by field of a record. Nothing that was typed is lost: not by going to another record, not by a
 * value that is refused, not by the end of the program. */
class Drafts {
  private readonly kept = new SvelteMap<string, Draft>(read());
  /** The file of the catalogue that is shown; null until that is known. */
  private file: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  get(key: string): Draft | undefined {
    return this.kept.get(key);
  }

  set(key: string, draft: Draft): void {
    this.kept.set(key, draft);
    this.write();
  }

  delete(key: string): void {
    if (this.kept.delete(key)) this.write();
  }

  /** All drafts of a record, by field. */
  of(record: string): [field: string, draft: Draft][] {
    const own = [...this.kept].filter(([key]) => key.startsWith(`${record}/`));
    return own.map(([key, draft]) => [key.slice(record.length + 1), draft]);
  }

  /** Forgets all drafts of a record. */
  forget(record: string): void {
    for (const key of [...this.kept.keys()]) if (key.startsWith(`${record}/`)) this.delete(key);
  }

  /** Goes to the catalogue in this file: takes up what was begun there, and leaves what was begun in another where it is written. */
  enter(file: string): void {
    const known = this.file !== null;
    if (known) this.writeNow();
    this.file = file;
    if (known) for (const [key] of this.begun()) this.kept.delete(key);
    for (const [key, draft] of read(keyOf(file))) if (!this.kept.has(key)) this.kept.set(key, draft);
  }

  private begun(): [string, Draft][] {
    return [...this.kept].filter(([key]) => key.startsWith(BEGUN));
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.writeNow(), WRITE_AFTER_MS);
  }

  private writeNow(): void {
    clearTimeout(this.timer);
    const ofRecords = [...this.kept].filter(([key]) => !key.startsWith(BEGUN));
    localStorage.setItem(KEY, JSON.stringify(ofRecords));
    if (this.file === null) return;
    const begun = this.begun();
    // Each catalogue has its own from the beginning, so that no moment of the program's end can give one what is another's.
    if (begun.length > 0) localStorage.setItem(keyOf(this.file), JSON.stringify(begun));
    else localStorage.removeItem(keyOf(this.file));
  }
}

export const drafts = new Drafts();
