import { viewNotes } from '../view-notes';

/** What was lately taken from the palette. Kept for this person and machine, like the looks of the window. */
const NOTE = 'palette';
const RECENT_MAX = 8;

/** The ids of entries, the last one first. */
export function recent(): string[] {
  const kept = viewNotes.read(NOTE);
  return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string').slice(0, RECENT_MAX) : [];
}

/** Notes that an entry was taken. */
export function take(id: string): void {
  const ids = [id, ...recent().filter((other) => other !== id)];
  viewNotes.keep(NOTE, ids.slice(0, RECENT_MAX));
}
