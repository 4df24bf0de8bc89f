import { untrack } from 'svelte';

import { core, type ListQuery, type ListRow, type RecordKind } from '../ipc';
import type { Cursor } from '../list/cursor.svelte';
import type { Rows } from '../list/rows.svelte';
import { changes } from '../live/changes';
import { m } from '../paraglide/messages';
import { toasts } from '../undo/toasts.svelte';
import { figure } from '../words';
import { selections, type Selection } from './selections.svelte';

/** The most rows that are chosen one by one as a stretch of the list; all of a list are chosen as a question. */
export const STRETCH_MAX = 10_000;
/** How many rows of a stretch are asked for at once. */
const PER_PAGE = 1000;

/** Where a stretch begins, and what was chosen before. */
interface Anchor {
  index: number;
  id: string;
  before: ReturnType<Selection['now']>;
}

/** How a person chooses rows of one list, by keys and by clicks. */
export class Choosing {
  private readonly kind: RecordKind;
  private readonly selection: Selection;
  private readonly rows: Rows<never, ListRow>;
  private readonly cursor: Cursor<never, ListRow>;
  private readonly query: () => ListQuery;
  private anchor: Anchor | null = null;
  private stretched = 0;

  constructor(kind: RecordKind, rows: Rows<never, ListRow>, cursor: Cursor<never, ListRow>, query: () => ListQuery) {
    this.kind = kind;
    this.selection = selections[kind];
    this.rows = rows;
    this.cursor = cursor;
    this.query = query;
  }

  /** Whether a row is chosen. */
  has(row: ListRow | undefined): boolean {
    return row !== undefined && this.selection.has(row.id, this.query());
  }

  get count(): number {
    return this.selection.count;
  }

  /** Chooses everything that the list shows. */
  all(): void {
    this.selection.all(this.query(), this.rows.total ?? 0);
    this.anchor = null;
  }

  clear(): void {
    this.selection.clear();
    this.anchor = null;
  }

  /** Chooses a row, or no longer; without it, the one that the cursor is on. */
  toggle(index = this.cursor.index): void {
    const row = this.rows.at(index);
    if (row) this.selection.set([row.id], !this.has(row), this.query());
    this.anchorAt(index);
  }

  /** A click on a row opens it; with Ctrl it is chosen as well, with Shift so are all from the last one on. */
  click(index: number, event: MouseEvent): void {
    if (event.shiftKey) return this.stretch(() => this.cursor.to(index));
    const from = this.cursor.index;
    this.cursor.to(index);
    if (!event.ctrlKey && !event.metaKey) return this.anchorAt(index);
    const open = this.rows.at(from);
    // Whoever takes a second row means the one that is open as the first.
    if (this.count === 0 && open && from !== index) this.selection.set([open.id], true, this.query());
    this.toggle(index);
  }

  /** A click on the box of a row. */
  check(index: number, event: MouseEvent): void {
    if (event.shiftKey && this.anchor) void this.extend(index);
    else this.toggle(index);
  }

  /** A key on the row that the cursor is on; false if it means something else here. */
  key(event: KeyboardEvent): boolean {
    const control = event.ctrlKey || event.metaKey;
    if (event.key === ' ') this.toggle();
    else if (control && !event.shiftKey && event.key.toLowerCase() === 'a') this.all();
    else if (event.key === 'Escape' && this.count > 0) this.clear();
    else return false;
    return true;
  }

  /** Moves the cursor, and chooses all rows from where that began. */
  stretch(move: () => void): void {
    if (!this.anchor) this.anchorAt(this.cursor.index);
    move();
    void this.extend(this.cursor.index);
  }

  /** The cursor was moved without choosing anything: the next stretch begins where it is then. */
  moved(): void {
    this.anchor = null;
  }

  private anchorAt(index: number): void {
    const id = this.rows.at(index)?.id;
    this.anchor = id === undefined ? null : { index, id, before: this.selection.now() };
  }

  /** Chooses all rows from the anchor to this one, and no longer those of the stretch before. */
  private async extend(to: number): Promise<void> {
    const { anchor } = this;
    if (!anchor) return;
    const stretch = ++this.stretched;
    const held = this.rows.heldIndex(anchor.id);
    const from = held >= 0 ? held : anchor.index;
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    if (first === 0 && last + 1 === this.rows.total) return this.selection.all(this.query(), this.rows.total);
    if (last - first >= STRETCH_MAX) return toasts.tell(m.stretch_too_long({ shown: figure(STRETCH_MAX) }));
    const here = Array.from({ length: last - first + 1 }, (_, at) => this.rows.at(first + at)?.id);
    const ids = here.every((id) => id !== undefined) ? here : await this.idsOf(first, last);
    if (stretch !== this.stretched || anchor !== this.anchor) return;
    this.selection.back(anchor.before);
    this.selection.set(ids, true, this.query());
  }

  /** The records of rows that are not held. */
  private async idsOf(first: number, last: number): Promise<string[]> {
    const query = this.query();
    const pages = [];
    for (let page = Math.floor(first / PER_PAGE); page <= Math.floor(last / PER_PAGE); page++) pages.push(page);
    const answers = await Promise.all(pages.map((page) => core().listPage(this.kind, query, [], page + 1, PER_PAGE)));
    const ids = answers.flatMap((answer) => answer.items.map((row) => row.id));
    const skipped = (pages[0] ?? 0) * PER_PAGE;
    return ids.slice(first - skipped, last + 1 - skipped);
  }
}

/** Sets up the choosing in one list. Call it while setting up a component. */
export function choosing<Query>(
  kind: RecordKind,
  list: { rows: Rows<Query, ListRow>; cursor: Cursor<Query, ListRow> },
  query: () => ListQuery,
): Choosing {
  const selection = selections[kind];

  // Records come, go and change: who of them is chosen is asked anew.
  $effect(() =>
    changes.listen((change) => {
      if (change.tables.includes(kind)) void selection.look(query(), list.rows.held());
    }),
  );

  // Everything was chosen by another question, so the core has to say which of these rows are among that.
  $effect(() => {
    const held = list.rows.held();
    const shown = query();
    untrack(() => {
      if (selection.isOfAnother(shown)) void selection.look(shown, held);
    });
  });

  return new Choosing(
    kind,
    list.rows as unknown as Rows<never, ListRow>,
    list.cursor as unknown as Cursor<never, ListRow>,
    query,
  );
}
