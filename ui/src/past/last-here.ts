/**
 * When a person was last in a catalogue before this start, for the question what has happened since. Stored per person
 * and machine, not in the catalogue.
 */

import { viewNotes } from '../view-notes';

const NOTE = 'last-here';
/** How often it is written down that the person is still here. */
const EVERY_MS = 60_000;

/** The last time in each catalogue before the window came to it. */
const before = new Map<string, string | null>();

/** When the person was here before this start; null if they never were. */
export function lastHere(file: string): string | null {
  return before.get(file) ?? null;
}

/** From now on it is remembered that the person is here; until the returned function is called. */
export function staysHere(file: string): () => void {
  const last = viewNotes.read(NOTE, file);
  if (!before.has(file)) before.set(file, typeof last === 'string' ? last : null);
  const note = () => viewNotes.keep(NOTE, new Date().toISOString(), file);
  note();
  const clock = setInterval(note, EVERY_MS);
  return () => {
    note();
    clearInterval(clock);
  };
}
