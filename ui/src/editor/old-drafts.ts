/**
 * Drafts that an earlier version has left in the storage of the web view. They are shown as such until somebody does
 * something about them; then they are stored in the catalogue like all others, or gone.
 */

import type { Draft } from './drafts.svelte';

const KEY = 'colophon.drafts';

type Kept = [slot: string, draft: Draft][];

function keys(file: string): string[] {
  return [KEY, `${KEY} ${file}`];
}

function read(key: string): Kept {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '[]') as Kept;
  } catch {
    return [];
  }
}

/** What an earlier version has left for the catalogue in this file. */
export function oldDrafts(file: string): Kept {
  return keys(file).flatMap(read);
}

/** By now these are stored elsewhere, or given up. */
export function forgetOld(file: string, slots: ReadonlySet<string>): void {
  for (const key of keys(file)) {
    const before = read(key);
    const left = before.filter(([slot]) => !slots.has(slot));
    if (left.length === 0) localStorage.removeItem(key);
    else if (left.length < before.length) localStorage.setItem(key, JSON.stringify(left));
  }
}
