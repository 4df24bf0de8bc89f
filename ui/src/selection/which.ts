/** Which records something is done with, to a person: those that are chosen, those that the list finds, or all. */
import type { Which } from '../bulk/bulk.svelte';
import type { ListQuery, RecordKind, Selected } from '../ipc';
import { selections } from './selections.svelte';

export type { Which } from '../bulk/bulk.svelte';

/** What there is to choose from now, what is most likely meant first. */
export function whichThereAre(kind: RecordKind, { text, filters }: ListQuery): Which[] {
  const narrowed = text.trim() !== '' || filters.length > 0;
  const there: Which[] = [];
  if (selections[kind].count > 0) there.push('chosen');
  if (narrowed) there.push('found');
  return [...there, 'all'];
}

/** The records as the core takes them, in the order of the list. */
export function selectedOf(kind: RecordKind, which: Which, shown: ListQuery): Selected {
  if (which === 'chosen') return selections[kind].told(shown);
  const all_of = which === 'found' ? shown : { ...shown, text: '', filters: [] };
  return { all_of, except: [], also: [] };
}
