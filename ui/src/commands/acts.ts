/** What the commands do. Each is one act of a person; what went wrong is told in a toast. */
import { asFault, core, type RecordKind } from '../ipc';
import { importing } from '../imports/importing.svelte';
import { m } from '../paraglide/messages';
import { place } from '../place.svelte';
import { toasts } from '../undo/toasts.svelte';
import { deleting } from '../authors/deleting.svelte';
import { drafts } from '../editor/drafts.svelte';
import { focusFirstField, focusPane } from './focus';

/** Opens an empty editor. */
export function make(kind: RecordKind = place.source): void {
  place.make(kind);
  void focusFirstField();
}

/** Opens the record again that was begun here and is not made yet. */
export function resume(): void {
  const begun = (['book', 'author'] as const).find((kind) => drafts.of(`new-${kind}`).length > 0);
  if (begun) place.make(begun);
}

/** Throws away the record that is being written. */
export function cancelMaking(): void {
  drafts.forget(`new-${place.source}`);
  leaveEditor();
}

/** Puts the focus into the editor of the open record; in a narrow window the editor comes up. */
export function openEditor(): void {
  if (place.record === null && !place.making) return;
  place.inEditor = true;
  void focusFirstField();
}

/** Leaves the editor for the list. */
export function leaveEditor(): void {
  place.inEditor = false;
  place.making = false;
  // In a narrow window the list is drawn again first.
  requestAnimationFrame(() => focusPane('list'));
}

/** Deletes the open record, with Undo. An author who has books is asked about first. */
export async function deleteOpen(): Promise<void> {
  const id = place.record;
  if (id === null || place.making) return;
  place.deleting = id;
  try {
    if (place.source === 'book') {
      const { title } = await core().book(id);
      await core().bookDelete(id);
      toasts.tell(m.act_deleted({ count: 1, shown: '1', name: title }), { undo: true });
    } else {
      const author = await core().author(id);
      if (author.books > 0) return deleting.ask(author);
      await core().authorDelete(id, { kind: 'refuse' });
      toasts.tell(m.act_deleted({ count: 1, shown: '1', name: author.name }), { undo: true });
    }
    if (place.inEditor) leaveEditor();
  } catch (reason) {
    toasts.complain(asFault(reason).message);
  }
}

/** Asks for a file and imports it. */
export async function importFile(): Promise<void> {
  try {
    const path = await core().importChoose();
    if (path !== null) await importing.run(path, () => core().importFile(path));
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
