/** What was lately taken from the palette. Kept for this person and machine, like the looks of the window. */
const KEY = 'colophon.palette';
const RECENT_MAX = 8;

/** The ids of entries, the last one first. */
export function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string').slice(0, RECENT_MAX) : [];
  } catch {
    // Unreadable means nothing.
    return [];
  }
}

/** Notes that an entry was taken. */
export function take(id: string): void {
  const ids = [id, ...recent().filter((other) => other !== id)];
  localStorage.setItem(KEY, JSON.stringify(ids.slice(0, RECENT_MAX)));
}
