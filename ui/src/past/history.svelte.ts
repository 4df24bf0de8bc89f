import type { MomentTold, RecordKind, ValueKept } from '../ipc';
import { place } from '../place.svelte';

/** The record whose history is shown, and whether it is. */
export const historySheet = $state<{ open: boolean; kind: RecordKind; id: string }>({
  open: false,
  kind: 'book',
  id: '',
});

/** Shows the history of the record that is open in the editor. */
export function openHistory(): void {
  const id = place.record;
  if (id === null || place.making) return;
  historySheet.kind = place.source;
  historySheet.id = id;
  historySheet.open = true;
}

/**
 * What a record said just before one of the moments of its history, latest first: each field that has been changed since
 * with what it said before the earliest of these changes.
 */
export function stateBefore(moments: readonly MomentTold[], at: number): ValueKept[] {
  const said = new Map<string, string>();
  for (const moment of moments.slice(0, at + 1)) {
    if (moment.what !== 'changed') continue;
    for (const { field, kept } of moment.fields) said.set(field, kept);
  }
  return [...said].map(([field, kept]) => ({ field, kept }));
}
