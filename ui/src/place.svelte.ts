import type { ListQuery, RecordKind } from './ipc';
import { clearSelections } from './selection/selections.svelte';

/** A record, and what it is called. */
export interface Named {
  id: string;
  name: string;
}

/** The queries for all records, in the usual order. */
export function everything(): Record<RecordKind, ListQuery> {
  const all = { text: '', filters: [], descending: false };
  return { book: { ...all, sort: 'title' }, author: { ...all, sort: 'sort_name' } };
}

/** What is shown in place of a list. */
export type Beside = 'conflicts' | 'trash' | 'acts' | 'activity';

/** Where a person is in the window: the list that is shown, its query, and the record that is open. */
class Place {
  /** The list that is shown, or was shown last. */
  source = $state<RecordKind>('book');
  /** What is shown in place of a list, if something is. */
  beside = $state<Beside | null>(null);
  /** The query of each list. */
  lists = $state.raw<Record<RecordKind, ListQuery>>(everything());
  /** The author whose books were asked for, with the filter that gives them: as long as it is there, they are shown. */
  private booksOf: { author: Named; filter: string } | null = null;
  /** The record that is open in each list. */
  open = $state<Record<RecordKind, string | null>>({ book: null, author: null });
  /** Whether the editor shows a record that is being written and is not in the catalogue yet. */
  making = $state(false);
  /** The record that is just being deleted here, so that its disappearance surprises nobody. */
  deleting: string | null = null;
  /** In a narrow window: whether the editor covers the list. */
  inEditor = $state(false);

  /** The open record of the list that is shown. */
  get record(): string | null {
    return this.beside !== null ? null : this.open[this.source];
  }

  /** Goes to a list, and to a record in it. */
  go(source: RecordKind, id: string | null = this.open[source]): void {
    this.source = source;
    this.open[source] = id;
    this.making = false;
    this.beside = null;
  }

  /** Shows something in place of a list. */
  show(beside: Beside): void {
    this.beside = beside;
    this.making = false;
    this.inEditor = false;
  }

  /** Goes to what two people said differently. */
  showConflicts(): void {
    this.show('conflicts');
  }

  /** Leaves everything, to move to another catalogue. */
  leave(): void {
    const { book, author } = this.lists;
    this.lists = { book: { ...book, text: '', filters: [] }, author: { ...author, text: '', filters: [] } };
    clearSelections();
    this.open = { book: null, author: null };
    this.deleting = null;
    this.inEditor = false;
    this.go('book', null);
  }

  /** Shows only those records of a list that a filter leaves, or all again. */
  showOnly(kind: RecordKind, filter: string | null): void {
    const query = this.lists[kind];
    const narrowed = filter === null ? { filters: [] } : { text: '', filters: [filter] };
    this.lists = { ...this.lists, [kind]: { ...query, ...narrowed } };
    this.inEditor = false;
    this.go(kind);
  }

  /** Shows the books of an author. */
  showBooksOf(author: Named, filter: string): void {
    this.booksOf = { author, filter };
    this.showOnly('book', filter);
  }

  /** The author whose books alone are shown. */
  get author(): Named | null {
    const of = this.booksOf;
    return of !== null && this.lists.book.filters.includes(of.filter) ? of.author : null;
  }

  /** Opens an empty editor for a record of the list that is shown. */
  make(kind: RecordKind): void {
    this.source = kind;
    this.beside = null;
    this.making = true;
    this.inEditor = true;
  }

  /** What was typed into the search box. */
  get search(): string {
    return this.lists[this.source].text;
  }
  set search(text: string) {
    this.lists = { ...this.lists, [this.source]: { ...this.lists[this.source], text } };
  }
}

export const place = new Place();
