import { tick, untrack } from 'svelte';

import { inText } from '../commands/focus';
import { drafts } from '../editor/drafts.svelte';
import type { Changed, RecordKind } from '../ipc';
import { changes } from '../live/changes';
import { place } from '../place.svelte';
import { painted } from '../window/painted';
import { Cursor } from './cursor.svelte';
import { Rows, type RowSource } from './rows.svelte';

/** A list that follows its query, the open record and what the core reports as changed. */
export interface Listing<Query, Row extends { id: string }> {
  rows: Rows<Query, Row>;
  cursor: Cursor<Query, Row>;
}

/** Sets up the list of one kind of record. Call it while setting up a component. */
export function listing<Query extends { text: string }, Row extends { id: string }>(
  kind: RecordKind,
  source: RowSource<Query, Row>,
  query: () => Query,
): Listing<Query, Row> {
  const rows = new Rows<Query, Row>(source, query());
  const cursor = new Cursor<Query, Row>(rows, (id) => {
    place.open[kind] = id;
    place.making = false;
  });

  let asked: Query | undefined;
  $effect(() => {
    const next = query();
    // Somebody who clears the search wants to see the open record among its neighbours.
    const searched = asked?.text !== next.text && next.text !== '';
    asked = next;
    untrack(() => void ask(next, searched));
  });

  /** A new search begins at its first row; a new order keeps the open record in view. */
  async function ask(next: Query, searched: boolean): Promise<void> {
    const open = place.open[kind];
    const index = searched || open === null ? null : await source.index(next, open).catch(() => null);
    if (next !== asked) return;
    await rows.ask(next, index ?? 0);
    await tick();
    await cursor.follow(open, !searched);
    await painted();
  }

  // Somebody else opened a record: an undo, a link, a new record.
  $effect(() => {
    const open = place.open[kind];
    untrack(() => {
      const here = cursor.isOn(open) && rows.at(cursor.index)?.id === open;
      if (!here && rows.total !== undefined) void cursor.follow(open, true);
    });
  });

  // Somebody who begins a new record must not be taken away from it by a row that arrives late.
  $effect(() => {
    if (place.making) untrack(() => cursor.stop());
  });

  // Rows that arrive late settle a cursor that ran ahead of them.
  $effect(() => cursor.settle());

  $effect(() => changes.listen((change) => void take(change)));

  /**
   * When the open record has left the list, the one that took its place is opened. An edit never makes a record leave,
   * and nobody is taken away from a record that is being typed into.
   */
  async function take(change: Changed): Promise<void> {
    const open = place.open[kind];
    // A record that was not in the list, for instance a new one that the search does not match, cannot leave it.
    const index = open !== null && cursor.isOn(open) && !rows.strays.has(open) ? cursor.index : -1;
    const { shown } = cursor;
    const by = await rows.take(change, open);
    if (by === null) return;
    if (cursor.ahead) return cursor.moveAlong(by);
    const now = place.open[kind];
    await cursor.follow(now, cursor.shown !== shown);
    const gone = now === open && cursor.index < 0 && index >= 0;
    if (gone && !place.making && (open === place.deleting || !beingTypedInto(open))) cursor.to(index + by);
  }

  return { rows, cursor };
}

/** Whether a person has typed something into this record that is not saved yet, or is about to. */
function beingTypedInto(id: string | null): boolean {
  const focused = document.activeElement;
  return (
    (id !== null && drafts.of(id).length > 0) || (inText(focused) && focused?.closest("[data-pane='editor']") !== null)
  );
}
