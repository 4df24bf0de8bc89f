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

/** The catalogue that the window is in now. */
let open: string | null = null;

/** Notes that the person is here now, if the window is in a catalogue. */
export function noteHere(): void {
  if (open !== null) viewNotes.keep(NOTE, new Date().toISOString(), open);
}

/** From now on it is remembered that the person is here; until the returned function is called. */
export function staysHere(file: string): () => void {
  const last = viewNotes.read(NOTE, file);
  if (!before.has(file)) before.set(file, typeof last === 'string' ? last : null);
  open = file;
  noteHere();
  const clock = setInterval(noteHere, EVERY_MS);
  return () => {
    noteHere();
    open = null;
    clearInterval(clock);
  };
}
