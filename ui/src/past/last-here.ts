/**
 * When a person was last in a catalogue before this start, for the question what has happened since. Stored per person
 * and machine, not in the catalogue.
 */

const KEY = 'colophon.last-here';
/** As many catalogues are remembered, those that were open last. */
const CATALOGUES_MAX = 30;
/** How often it is written down that the person is still here. */
const EVERY_MS = 60_000;

type Kept = [file: string, at: string][];

function read(): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(kept)) return [];
    return (kept as unknown[]).filter(
      (one): one is Kept[number] => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'string',
    );
  } catch {
    return [];
  }
}

/** The last time in each catalogue before the window came to it. */
const before = new Map<string, string | null>();

/** When the person was here before this start; null if they never were. */
export function lastHere(file: string): string | null {
  return before.get(file) ?? null;
}

/** From now on it is remembered that the person is here; until the returned function is called. */
export function staysHere(file: string): () => void {
  if (!before.has(file)) before.set(file, read().find(([kept]) => kept === file)?.[1] ?? null);
  const note = () => {
    const others = read().filter(([kept]) => kept !== file);
    const here: Kept[number] = [file, new Date().toISOString()];
    localStorage.setItem(KEY, JSON.stringify([here, ...others].slice(0, CATALOGUES_MAX)));
  };
  note();
  const clock = setInterval(note, EVERY_MS);
  window.addEventListener('pagehide', note);
  return () => {
    note();
    clearInterval(clock);
    window.removeEventListener('pagehide', note);
  };
}
