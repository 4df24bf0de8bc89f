/** What the commands do. Each is one act of a person; failures are reported in a toast. */
import { tick } from 'svelte';

import { bulk } from '../bulk/bulk.svelte';
import { asFault, core, type RecordKind } from '../ipc';
import { importing } from '../imports/importing.svelte';
import { merging } from '../merging/merging.svelte';
import { exporting } from '../out/exporting.svelte';
import { printing } from '../out/printing.svelte';
import { m } from '../paraglide/messages';
import { place, type Named } from '../place.svelte';
import { askedDeletion } from '../selection/asked-deletion.svelte';
import { selections } from '../selection/selections.svelte';
import { toasts } from '../undo/toasts.svelte';
import { counted, figure } from '../words';
import { deleting } from '../authors/deleting.svelte';
import { drafts } from '../editor/drafts.svelte';
import { mayChange, standing } from '../foot/standing.svelte';
import { focusedField, focusField, focusPane } from './focus';

/** Opens an empty editor. */
export function make(kind: RecordKind = place.source): void {
  if (!mayChange()) return;
  place.make(kind);
  void focusField(`new-${kind}`);
}

/**
 * Opens the record that was just made from what was typed here; if the person is still typing, the focus stays in the
 * same field.
 */
export function openMade(kind: RecordKind, id: string): void {
  const field = focusedField();
  place.go(kind, id);
  if (field !== null) void focusField(id, field);
}

/** Goes to a list and focuses it. */
export function goToList(source: RecordKind): void {
  place.go(source);
  place.inEditor = false;
  void focusList();
}

/** Goes to a list of some of the books: those of an author, or those with a tag. */
export function goToBooks(filter: string, author?: Named): void {
  if (author === undefined) place.showOnly('book', filter);
  else place.showBooksOf(author, filter);
  void focusList();
}

async function focusList(): Promise<void> {
  await tick();
  focusPane('list');
}

/** Reopens the record that was begun here and has not been made yet. */
export function resume(): void {
  const begun = (['book', 'author'] as const).find((kind) => drafts.of(`new-${kind}`).length > 0);
  if (begun && !standing.readOnly) place.make(begun);
}

/** Discards the record that is being written. */
export function cancelMaking(): void {
  drafts.forget(`new-${place.source}`);
  leaveEditor();
}

/** Focuses the editor of the open record, in this field or the first; in a narrow window the editor comes up. */
export function openEditor(field: string | null = null): void {
  const record = place.making ? `new-${place.source}` : place.record;
  if (record === null) return;
  place.inEditor = true;
  void focusField(record, field);
}

/** Goes on to the next record, in the same field; `move` goes there and says when it is open. */
export function editNext(move: (then: () => void) => void): void {
  const field = focusedField();
  move(() => openEditor(field));
}

/** Leaves the editor for the list. */
export function leaveEditor(): void {
  place.inEditor = false;
  place.making = false;
  // In a narrow window the list is redrawn first.
  requestAnimationFrame(() => focusPane('list'));
}

/** Deletes the open record, with Undo. If an author has books, the person is asked first. */
export async function deleteOpen(): Promise<void> {
  const id = place.record;
  if (id === null || place.making || !mayChange()) return;
  place.deleting = id;
  try {
    if (place.source === 'book') {
      const { title } = await core().book(id);
      await core().bookDelete(id);
      toasts.tell(m.act_deleted({ count: 1, shown: '1', name: title }), { undo: { act: 'deleted', id } });
    } else {
      const author = await core().author(id);
      if (author.books + author.contributions > 0) return deleting.ask(author);
      await core().authorDelete(id, { kind: 'refuse' });
      toasts.tell(m.act_deleted({ count: 1, shown: '1', name: author.name }), { undo: { act: 'deleted', id } });
    }
    if (place.inEditor) leaveEditor();
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/**
 * Deletes what is chosen in the list, with Undo, or the open record if nothing is. Of many records, the core has a person
 * asked first.
 */
export async function deleteChosen(agreed = false): Promise<void> {
  const kind = place.source;
  const chosen = selections[kind];
  if (chosen.count === 0) return deleteOpen();
  if (!mayChange()) return;
  try {
    const deleted = await core().selectionDelete(kind, chosen.told(place.lists[kind]), agreed);
    if (deleted.kind === 'asks') return askedDeletion.about(deleted.records, () => deleteChosen(true));
    const { records, left_alone, first, name } = deleted;
    const words = records > 0 ? [m.act_deleted({ count: records, shown: figure(records), name })] : [];
    if (left_alone > 0) words.push(m.delete_left(counted(left_alone)));
    chosen.clear();
    toasts.tell(words.join('. '), records > 0 ? { undo: { act: 'deleted', id: first } } : {});
    if (place.inEditor) leaveEditor();
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Opens the sheet for one change of many records: those that are chosen, or all that the list shows. */
export async function editMany(): Promise<void> {
  if (place.beside !== null || !mayChange()) return;
  try {
    await bulk.open(place.source, place.lists[place.source]);
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Shows what is chosen in the list side by side, to become one; with nothing chosen, what looks the same. */
export function mergeChosen(): Promise<void> {
  if (place.beside !== null) return Promise.resolve();
  return reported(() => merging.openChosen(place.source, place.lists[place.source]));
}

/** Goes through what looks the same. */
export function mergeFound(kind: RecordKind): Promise<void> {
  return reported(() => merging.openFound(kind));
}

/** Opens the sheet for an export: of what is chosen, or else of what the list shows. */
export function exportRecords(): Promise<void> {
  return reported(() => exporting.open(place.source, place.lists[place.source]));
}

async function reported(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Shows what is chosen, or else what the list shows, as pages to be printed. */
export function printRecords(): Promise<void> {
  return printing.open(place.source, place.lists[place.source]);
}

/** Asks for a file and imports it. */
export async function importFile(): Promise<void> {
  if (!mayChange()) return;
  try {
    const chosen = await core().importChoose();
    if (chosen !== null) await importing.run(chosen.name, () => core().importFile(chosen.token));
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Puts the sample into the catalogue. */
export function loadSample(): Promise<void> {
  return importing.run(m.the_sample(), () => core().loadSample());
}

/** Asks for a round with the server now. */
export async function syncNow(): Promise<void> {
  try {
    await core().syncNow();
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}
